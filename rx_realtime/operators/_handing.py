"""Two connections during a handover: which of them counts, and what both say."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from reactivex import Observable, abc

from ..errors import is_retryable
from ..models import Closed, Connecting, Draining, Failed, Opened, Update
from ._both import Both
from ._link import Link, fast_lane
from ._slot import Slot
from .backoff import Wait, delay_of
from .chain import attach

__all__ = ["Handing"]


class Handing(abc.DisposableBase):
    """A connection, and at times its replacement.

    Args:
        observer: who listens to the operator.
        scheduler: with which connections are subscribed to.
        clock: where waits are slept.
        source: makes connections.
        overlap: seconds in which both deliver.
        waits: the waits between attempts to open the replacement.
        key: what makes two updates the same one.
    """

    __slots__ = (
        "_attempt", "_clock", "_is_replaced", "_key", "_leading", "_memory", "_next", "_overlap",
        "_scheduler", "_source", "_timer", "_waits", "both", "observer",
    )  # fmt: skip

    def __init__(
        self,
        observer: abc.ObserverBase[Update],
        scheduler: abc.SchedulerBase | None,
        clock: abc.SchedulerBase,
        source: Observable[Update],
        *,
        overlap: float,
        waits: Wait,
        key: Callable[[Update], Hashable],
    ) -> None:
        self.observer = observer
        self.both: Both | None = None  # while two connections say the same
        self._scheduler = scheduler
        self._clock = clock
        self._source = source
        self._overlap = overlap
        self._waits = waits
        self._key = key
        self._leading = _Connection(self)
        self._next: _Connection | None = None
        self._is_replaced = False  # the next one is open, and the leading one not yet left
        self._attempt = 0
        self._timer, self._memory = Slot(), Slot()

    def start(self) -> None:
        """Open the first connection."""
        attach(self._leading, self._source, self._scheduler)

    def take(self, connection: _Connection, update: Update) -> None:
        """Take what a connection says."""
        is_next = connection is not self._leading
        match update:
            case Opened() if is_next:
                self._is_replaced = True
                if self.both is not None:
                    self.both.is_open = True
                self._timer.hold(self._clock.schedule_relative(self._overlap, self._hand_over))
                self.observer.on_next(update)
            case Connecting() | Opened() | Failed() | Closed() | Draining() if (
                is_next or self._is_replaced
            ):
                pass
            case Draining() if self._next is None:
                self.observer.on_next(update)
                self._replace()
            case _ if self.both is None or self.both.is_first(connection, update):
                self.observer.on_next(update)
            case _:
                pass

    def broken(self, connection: _Connection, error: Exception) -> None:
        """Go on with the other one, or look for another."""
        if connection is self._leading:
            if self._is_replaced:
                self._hand_over()
            else:
                self.observer.on_error(error)
            return
        if self._is_replaced:
            self._is_replaced = False
            self._forget_later()
        else:
            self.both = None
        self._attempt += 1
        delay = delay_of(self._attempt, error, self._waits) if is_retryable(error) else None
        if delay is None:
            self._timer.empty()
        else:
            self._timer.hold(self._clock.schedule_relative(delay, self._replace))

    def dispose(self) -> None:
        """Leave both."""
        for each in (self._timer, self._memory, self._leading, self._next):
            if each is not None:
                each.dispose()

    def _replace(self, *_: Any) -> None:
        if not self._leading.is_disposed:  # or whoever was told left
            self._next = _Connection(self)
            # The server may tell both from now on, long before we see that the next one is open.
            self.both = Both(self._key, self._leading)
            self._memory.empty()
            attach(self._next, self._source, self._scheduler)

    def _hand_over(self, *_: Any) -> None:
        if self._next is not None:
            old, self._leading, self._next = self._leading, self._next, None
            self._attempt, self._is_replaced = 0, False
            self._timer.empty()
            old.dispose()
            self._forget_later()

    def _forget_later(self) -> None:
        self._memory.hold(self._clock.schedule_relative(self._overlap, self._forget))

    def _forget(self, *_: Any) -> None:
        self.both = None


class _Connection(Link):
    """One of the two."""

    __slots__ = ("_hand_on", "_whole")

    def __init__(self, whole: Handing) -> None:
        super().__init__()
        self._whole = whole
        self._hand_on = fast_lane(whole.observer)

    def on_next(self, value: Update) -> None:
        self._whole.take(self, value)

    def lane(self, message: Any) -> None:
        if self._whole.both is None:
            hand_on = self._hand_on
            hand_on(message)
        else:
            self._whole.take(self, message)

    def failed(self, error: Exception) -> None:
        self._whole.broken(self, error)

    def completed(self) -> None:
        self._whole.observer.on_completed()
