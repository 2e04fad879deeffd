"""From a stream's wire to updates: connections, one after the other, until nothing is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, SerialDisposable, SingleAssignmentDisposable
from reactivex.scheduler import TimeoutScheduler

from ...errors import ConnectionLost, RealtimeError
from ...models import Chunk, Closed, Connecting, Failed, Opened, SubscriptionToken, Update
from ...operators import chained, fast_lane, listen
from ...wire import Request
from ...wire.trigger.streams import StreamWire

__all__ = ["Connect", "reading"]

#: Opens a request and delivers `Opened`, then bytes.
Connect: TypeAlias = Callable[[Request], Observable[Opened | bytes]]

#: Seconds without a record after which nothing is left, where a server does not close.
QUIET: Final = 10.0


def reading(
    wire: StreamWire,
    connect: Connect,
    over: Observable[bool],
    *,
    is_held: Callable[[], bool] = lambda: False,
) -> Callable[[Observable[SubscriptionToken]], Observable[Update]]:
    """Read a stream over one connection: what `resumed` is, for what can come to an end.

    The last wire is kept: subscribing again goes on where the last subscription stood. A body that
    ends proves nothing, since servers end one in which nothing comes for a minute: it is an error,
    as anything else that ends a connection. Only once it is `over`, a body that ends without
    having held a record says that nothing is left; then the sequence completes.

    Args:
        wire: where to begin.
        connect: opens a transport.
        over: whether nothing more will be written. A connection that is open when this becomes
            true is opened anew, because on this one the server would wait for more.
        is_held: whether nothing comes because our own reader is behind.
    """
    last = wire

    def _reading(tokens: Observable[SubscriptionToken]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or TimeoutScheduler.singleton()
            asking, ending = SingleAssignmentDisposable(), SingleAssignmentDisposable()
            connection, quiet = SerialDisposable(), SerialDisposable()
            whole = CompositeDisposable(asking, ending, connection, quiet)
            is_open = is_over = False
            began_at = ""
            token = list[SubscriptionToken]()

            def on_over(now: bool) -> None:
                nonlocal last
                if now and not last.is_draining:
                    last = last.drained()
                    if token and not is_over:
                        begin()

            def on_token(given: SubscriptionToken) -> None:
                token[:] = [given]
                begin()

            def begin() -> None:
                nonlocal last, began_at
                began_at = last.order.cursor
                try:
                    last, request = last.open(token[0])
                    opened = connect(request)
                except RealtimeError as error:
                    broken(error)
                    return
                place = SingleAssignmentDisposable()
                connection.disposable = place  # first: it may deliver at once
                place.disposable = listen(
                    opened,
                    lambda got: None if place.is_disposed else on_got(got),
                    lambda error: None if place.is_disposed else on_end(error),
                    lambda: None if place.is_disposed else on_end(_ENDED),
                    scheduler=scheduler,
                )

            def on_got(got: Opened | bytes) -> None:
                nonlocal last, is_open
                if isinstance(got, Opened):
                    is_open = True
                    observer.on_next(got)
                    watch()
                    return
                last, updates = last.receive(got)
                deliver(updates)

            deliver_chunk = fast_lane(observer)

            def deliver(updates: tuple[Update, ...]) -> None:
                for update in updates:
                    if is_over or whole.is_disposed:  # who was told something may leave
                        return
                    if type(update) is Chunk:
                        deliver_chunk(update)
                    elif type(update) is Closed:
                        broken(update.error or _ENDED)
                        return
                    else:
                        observer.on_next(update)
                if updates and not is_over:
                    watch()

            def watch() -> None:
                if last.is_draining:
                    quiet.disposable = clock.schedule_relative(QUIET, look)

            def look(*_: Any) -> None:
                if is_held() or last.decoder.is_inside:
                    watch()
                else:
                    done()

            def on_end(error: Exception) -> None:
                nonlocal last
                if isinstance(error, ConnectionLost) and error.is_clean:
                    last, updates = last.ended()
                    deliver(updates)
                    if last.is_draining and last.order.cursor == began_at and not is_over:
                        done()
                        return
                broken(error)

            def done() -> None:
                nonlocal is_over
                is_over = True
                whole.dispose()
                observer.on_completed()

            def broken(error: Exception) -> None:
                nonlocal is_over
                if is_over or whole.is_disposed:
                    return
                is_over = True
                whole.dispose()
                observer.on_next(Closed(error) if is_open else Failed(error))
                observer.on_error(error)

            observer.on_next(Connecting())
            ending.disposable = over.subscribe(on_over, scheduler=scheduler)
            asking.disposable = tokens.subscribe(on_token, broken, scheduler=scheduler)
            return whole

        return chained(subscribe)

    return _reading


_ENDED: Final = ConnectionLost(reason="the stream's body ended", is_clean=True)
