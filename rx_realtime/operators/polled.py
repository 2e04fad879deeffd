"""From tokens to updates, question by question: a wire that is answered and asks again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable, SerialDisposable
from reactivex.scheduler import TimeoutScheduler

from ..errors import RealtimeError, Stalled
from ..models import (
    CaughtUp,
    Closed,
    Connecting,
    Failed,
    Opened,
    Restarted,
    SubscriptionToken,
    Update,
)
from ..wire import Request, Wire
from ._slot import fill
from .chain import chained, listen

__all__ = ["Pace", "polled"]

In = TypeVar("In")
W = TypeVar("W", bound=Wire[Any])


class Pace:
    """How soon the next question may follow: never five in a second, unless there is news.

    After news, or after an answer that took its time, at once: the server holds a question until
    there is something to say. Answers that come at once and say nothing are a server, or a cache
    before it, that does not; from the third in a row each is waited for longer.
    """

    #: Seconds from which on an answer took its time.
    HELD = 1.0
    #: Seconds between two questions, at most.
    LONGEST = 5.0

    def __init__(self) -> None:
        self._idle = 0

    def wait(self, seconds: float, *, is_news: bool) -> float:
        """Return the seconds to wait after an answer that took `seconds`."""
        if is_news or seconds >= self.HELD:
            self._idle = 0
            return 0.0
        self._idle += 1
        between = 0.0 if self._idle < 3 else min(self.LONGEST, 2.0 ** (self._idle - 3))
        return max(0.0, between - seconds)


def polled(
    wire: W,
    ask: Callable[[Request], Observable[In]],
    *,
    rested: Callable[[W], W] = lambda wire: wire,
    scheduler: abc.SchedulerBase | None = None,
) -> Callable[[Observable[SubscriptionToken]], Observable[Update]]:
    """Ask what the wire wants to know, again and again, and say what the answers mean as updates.

    What `resumed` is for connections that stay open, for those that are made of questions: the
    last wire is kept, so that subscribing again goes on where the last subscription stood. The
    connection counts as open from the first answer that is understood, and ends where an answer
    cannot be.

    Args:
        wire: where to begin.
        ask: puts one question; it completes with the answer.
        rested: what the wire becomes when its subscriber went away, or fell asleep.
        scheduler: where questions are spread out.

    Returns:
        An operator on tokens. It adds `Connecting` before, and `Closed` or `Failed` when the
        connection ends, which is always an error.
    """
    last, pace = wire, Pace()

    def _polled(tokens: Observable[SubscriptionToken]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            asking, question, timer = SerialDisposable(), SerialDisposable(), SerialDisposable()
            is_open = is_over = is_news = False
            token: SubscriptionToken
            since: datetime

            def on_token(given: SubscriptionToken) -> None:
                nonlocal token
                token = given
                put()

            def put(*_: Any) -> None:
                nonlocal last, since, is_news
                since, is_news = clock.now, False
                try:
                    last, request = last.open(token)
                except RealtimeError as error:
                    broken(error)
                else:
                    answers = ask(request)
                    fill(
                        question,
                        lambda: listen(answers, on_answer, broken, again, scheduler=scheduler_),
                    )

            def on_answer(answer: In) -> None:
                nonlocal last, is_open, is_news
                last, updates = last.receive(answer)
                failure = next((each.error for each in updates if isinstance(each, Closed)), None)
                if failure is None and not is_open:
                    is_open = True
                    observer.on_next(Opened())
                for update in updates:
                    if is_over:  # who was told something may leave
                        return
                    if not isinstance(update, Closed):
                        is_news = is_news or not isinstance(update, CaughtUp | Restarted)
                        observer.on_next(update)
                if failure is not None and not is_over:
                    broken(failure)

            def again() -> None:
                if not is_over:
                    seconds = (clock.now - since).total_seconds()
                    timer.disposable = clock.schedule_relative(
                        pace.wait(seconds, is_news=is_news), put
                    )

            def broken(error: Exception) -> None:
                nonlocal last, is_over
                is_over = True
                question.dispose()
                if isinstance(error, Stalled):
                    last = rested(last)
                observer.on_next(Closed(error) if is_open else Failed(error))
                observer.on_error(error)

            def leave() -> None:
                nonlocal last, is_over
                if not is_over:
                    is_over, last = True, rested(last)

            observer.on_next(Connecting())
            asking.disposable = tokens.subscribe(on_token, broken, scheduler=scheduler_)
            return CompositeDisposable(asking, question, timer, Disposable(leave))

        return chained(subscribe)

    return _polled
