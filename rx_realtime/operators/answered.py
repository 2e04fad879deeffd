"""From tokens to answers, question by question: a wire that is answered and asks again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable
from reactivex.scheduler import TimeoutScheduler

from ..errors import RealtimeError, Stalled
from ..models import (
    Closed,
    Connecting,
    Failed,
    Opened,
    SubscriptionToken,
    Update,
)
from ..wire import Request, Wire
from ._slot import Slot
from .chain import chained, listen
from .pace import Pace

__all__ = ["answered"]

In = TypeVar("In")
W = TypeVar("W", bound=Wire[Any])


def answered(
    wire: W,
    asks: Observable[Callable[[Request], Observable[In]]],
    *,
    rested: Callable[[W], W] = lambda wire: wire,
    scheduler: abc.SchedulerBase | None = None,
) -> Callable[[Observable[SubscriptionToken]], Observable[tuple[Update, ...]]]:
    """Ask what the wire wants to know, again and again; deliver what each answer means as a whole.

    What `polled` is made of: an answer may be about a thousand rows, and what `refreshed` or
    `reconnect` have to do is done once for all of them where `one_by_one` stands after these.

    Args:
        wire: where to begin.
        asks: delivers what puts a question, and completes with the answer to it; for as long as
            it is subscribed to, connections may be kept.
        rested: what the wire becomes when its subscriber went away, or fell asleep.
        scheduler: where questions are spread out.

    Returns:
        An operator on tokens. Each of the updates that are said of the connection, as `polled`
        says them, comes alone, before or after those of an answer.
    """
    last, pace = wire, Pace()

    def _answered(tokens: Observable[SubscriptionToken]) -> Observable[tuple[Update, ...]]:
        def subscribe(
            observer: abc.ObserverBase[tuple[Update, ...]],
            scheduler_: abc.SchedulerBase | None = None,
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            asking, question, timer = Slot(), Slot(), Slot()
            connections = Slot()
            is_open = is_over = False
            token: SubscriptionToken
            ask: Callable[[Request], Observable[In]]

            def on_token(given: SubscriptionToken) -> None:
                nonlocal token
                token = given
                listen(asks, on_connected, broken, nothing, scheduler=scheduler_, into=connections)

            def on_connected(given: Callable[[Request], Observable[In]]) -> None:
                nonlocal ask
                ask = given
                again()

            def again() -> None:
                if is_over:
                    return
                wait = pace.wait(seconds())
                if wait > 0 or is_open:  # at once, but not inside of the answer
                    timer.hold(clock.schedule_relative(wait, put))
                else:
                    put()

            def put(*_: Any) -> None:
                nonlocal last
                pace.asked(seconds())
                try:
                    last, request = last.open(token)
                except RealtimeError as error:
                    broken(error)
                else:
                    answers = ask(request)
                    listen(answers, on_answer, broken, again, scheduler=scheduler_, into=question)

            def on_answer(answer: In) -> None:
                nonlocal last, is_open
                last, updates = last.receive(answer)
                pace.answered(seconds(), updates)
                failure = None
                if updates and isinstance(updates[-1], Closed):
                    *said, end = updates
                    updates, failure = tuple(said), end.error
                if failure is None and not is_open:
                    is_open = True
                    observer.on_next((Opened(),))
                if updates and not is_over:  # who was told something may leave
                    observer.on_next(updates)
                if failure is not None and not is_over:
                    broken(failure)

            def seconds() -> float:
                return clock.to_seconds(clock.now)

            def broken(error: Exception) -> None:
                nonlocal last, is_over
                if is_over:
                    return
                is_over = True
                question.dispose()
                connections.dispose()
                if isinstance(error, Stalled):
                    last = rested(last)
                observer.on_next((Closed(error) if is_open else Failed(error),))
                observer.on_error(error)

            def leave() -> None:
                nonlocal last, is_over
                if not is_over:
                    is_over, last = True, rested(last)

            def nothing() -> None:
                """The last connection is there: what is asked over it goes on."""

            observer.on_next((Connecting(),))
            asking.hold(tokens.subscribe(on_token, broken, scheduler=scheduler_))
            return CompositeDisposable(asking, question, timer, connections, Disposable(leave))

        return chained(subscribe)

    return _answered
