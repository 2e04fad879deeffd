"""From tokens to updates: a wire, opened again where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from reactivex import Observable, abc

from ..errors import ConnectionLost, RealtimeError
from ..models import Closed, Connecting, Failed, Opened, Received, SubscriptionToken, Update
from ..wire import Request, Wire
from ._slot import Slot
from .chain import chained, fast_lane, listen

__all__ = ["resumed"]

In = TypeVar("In")


def resumed(
    wire: Wire[In], connect: Callable[[Request], Observable[Opened | In]]
) -> Callable[[Observable[SubscriptionToken]], Observable[Update]]:
    """Open the wire with each token, and say what it receives as updates.

    The position is inside the wire, and the last wire is kept: subscribing again goes on where
    the last subscription stood. So this stands before `reconnect`, and inside a `defer`, that
    each subscriber of the whole may have a position of its own.

    Args:
        wire: where to begin.
        connect: opens a transport.

    Returns:
        An operator on tokens. It adds `Connecting` before, and `Closed` or `Failed` when the
        connection ends, which is always an error: whether the work is over is not for the
        connection to say.
    """
    position = _Position(wire)

    def _resumed(tokens: Observable[SubscriptionToken]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            whole = _Resuming(position, connect, observer, scheduler)
            whole.start(tokens)
            return whole

        return chained(subscribe)

    return _resumed


class _Position(Generic[In]):
    """Where the last connection stands."""

    __slots__ = ("wire",)

    def __init__(self, wire: Wire[In]) -> None:
        self.wire = wire


class _Resuming(Slot, Generic[In]):
    """A connection of its own wire: during a handover two are open at once."""

    __slots__ = (
        "_asking", "_connect", "_is_open", "_observer", "_on_message", "_on_next", "_position",
        "_scheduler", "_wire",
    )  # fmt: skip

    def __init__(
        self,
        position: _Position[In],
        connect: Callable[[Request], Observable[Opened | In]],
        observer: abc.ObserverBase[Update],
        scheduler: abc.SchedulerBase | None,
    ) -> None:
        super().__init__()
        self._position = position
        self._wire = position.wire
        self._connect = connect
        self._observer = observer
        self._on_next = observer.on_next
        self._on_message = fast_lane(observer)
        self._scheduler = scheduler
        self._asking = Slot()
        self._is_open = False

    def start(self, tokens: Observable[SubscriptionToken]) -> None:
        self._on_next(Connecting())
        listen(
            tokens,
            self._on_token,
            self._broken,
            self._asking.empty,
            scheduler=self._scheduler,
            into=self._asking,
        )

    def dispose(self) -> None:
        super().dispose()
        self._asking.dispose()

    def _on_token(self, token: SubscriptionToken) -> None:
        try:
            self._wire, request = self._wire.open(token)
            opened = self._connect(request)
        except RealtimeError as error:
            self._broken(error)
        else:
            listen(
                opened,
                self._on_got,
                self._broken,
                self._ended,
                scheduler=self._scheduler,
                into=self,
            )

    def _on_got(self, got: Opened | In) -> None:
        if type(got) is Opened:
            self._is_open = True
            self._on_next(got)
            return
        step = self._wire.receive(got)
        self._position.wire = self._wire = step.wire
        for update in step.updates:
            if self.is_disposed:  # left while it delivered
                return
            if type(update) is Received:
                on_message = self._on_message
                on_message(update)
            else:
                self._on_next(update)

    def _broken(self, error: Exception) -> None:
        self._observer.on_next(Closed(error) if self._is_open else Failed(error))
        self._observer.on_error(error)

    def _ended(self) -> None:
        self._broken(ConnectionLost(reason="it ended"))
