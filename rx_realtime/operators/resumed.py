"""From tokens to updates: a wire, opened again where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, SerialDisposable

from ..errors import ConnectionLost, RealtimeError
from ..models import Closed, Connecting, Failed, Opened, Received, SubscriptionToken, Update
from ..wire import Request, Wire
from ._slot import Place, fill
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
    last = wire

    def _resumed(tokens: Observable[SubscriptionToken]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            # A connection of its own wire: during a handover two are open at once.
            current, is_open = last, False
            asking, connection = Place(), SerialDisposable()
            on_next, on_message = observer.on_next, fast_lane(observer)

            def on_token(token: SubscriptionToken) -> None:
                nonlocal current
                try:
                    current, request = current.open(token)
                    opened = connect(request)
                except RealtimeError as error:
                    broken(error)
                else:
                    fill(
                        connection,
                        lambda: listen(opened, on_got, broken, ended, scheduler=scheduler),
                    )

            def on_got(got: Opened | In) -> None:
                nonlocal current, last, is_open
                if isinstance(got, Opened):
                    is_open = True
                    on_next(got)
                    return
                step = current.receive(got)
                last = current = step.wire
                for update in step.updates:
                    if asking.is_disposed:  # left while it delivered
                        return
                    if type(update) is Received:
                        on_message(update)
                    else:
                        on_next(update)

            def broken(error: Exception) -> None:
                observer.on_next(Closed(error) if is_open else Failed(error))
                observer.on_error(error)

            def ended() -> None:
                broken(ConnectionLost(reason="it ended"))

            observer.on_next(Connecting())
            asking.hold(tokens.subscribe(on_token, broken, scheduler=scheduler))
            return CompositeDisposable(asking, connection)

        return chained(subscribe)

    return _resumed
