"""Where messages may be missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from reactivex import Observable, abc
from reactivex.scheduler import TimeoutScheduler

from ..models import Closed, Gap, Opened, Paused, Update
from ._link import Passing
from .chain import linked

__all__ = ["mark_gaps"]


def mark_gaps(
    *, scheduler: abc.SchedulerBase | None = None
) -> Callable[[Observable[Update]], Observable[Update]]:
    """Add a `Gap` after each `Opened` that follows a loss or a pause.

    The server keeps no message for a subscriber who is away, and says nothing about it.

    Args:
        scheduler: whose time a gap is measured in.
    """

    def _mark_gaps(source: Observable[Update]) -> Observable[Update]:
        def link(
            observer: abc.ObserverBase[Update], scheduler_: abc.SchedulerBase | None
        ) -> _Marking:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            return _Marking(observer, clock)

        return linked(source, link)

    return _mark_gaps


class _Marking(Passing):
    __slots__ = ("_clock", "_listening", "_since")

    def __init__(self, observer: abc.ObserverBase[Update], clock: abc.SchedulerBase) -> None:
        super().__init__(observer)
        self._clock = clock
        self._listening = False
        self._since: tuple[str, datetime] | None = None

    def on_next(self, value: Update) -> None:
        self._observer.on_next(value)
        match value:
            case Opened():
                self._listening = True
                if self._since is not None:
                    (reason, then), self._since = self._since, None
                    self._observer.on_next(Gap(reason, then, self._clock.now))
            case Closed() | Paused() if self._listening:
                self._listening = False
                reason = "lost" if isinstance(value, Closed) else "paused"
                self._since = (reason, self._clock.now)
            case _:
                pass
