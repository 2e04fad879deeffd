"""How fast a stream is: until its first piece, and from then on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import SingleAssignmentDisposable
from reactivex.scheduler import TimeoutScheduler

from .chain import chained, listen

__all__ = ["time_to_first_token", "tokens_per_second"]

T = TypeVar("T")


def time_to_first_token(
    *, scheduler: abc.SchedulerBase | None = None
) -> Callable[[Observable[Any]], Observable[float]]:
    """Deliver once how many seconds after subscribing the first value came, and complete."""

    def _time_to_first_token(source: Observable[Any]) -> Observable[float]:
        def subscribe(
            observer: abc.ObserverBase[float], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            connection = SingleAssignmentDisposable()
            began = clock.now

            def on_next(_: Any) -> None:
                if not connection.is_disposed:
                    connection.dispose()
                    observer.on_next((clock.now - began).total_seconds())
                    observer.on_completed()

            connection.disposable = listen(
                source, on_next, observer.on_error, observer.on_completed, scheduler=scheduler_
            )
            return connection

        return chained(subscribe)

    return _time_to_first_token


def tokens_per_second(
    window: float = 5.0,
    *,
    count: Callable[[T], float] = lambda _: 1,
    scheduler: abc.SchedulerBase | None = None,
) -> Callable[[Observable[T]], Observable[float]]:
    """Deliver, with each value but the first, how many came per second lately.

    That is how many came after the oldest of the last `window` seconds, by the time since then.

    Args:
        window: seconds.
        count: how many tokens a value is; by default one.
        scheduler: whose clock is read.
    """

    def _tokens_per_second(source: Observable[T]) -> Observable[float]:
        def subscribe(
            observer: abc.ObserverBase[float], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            connection = SingleAssignmentDisposable()
            recent: deque[tuple[datetime, float]] = deque()  # one entry for all of one moment
            total = 0.0

            def on_next(value: T) -> None:
                nonlocal total
                try:
                    tokens = float(count(value))
                except Exception as error:
                    connection.dispose()
                    observer.on_error(error)
                    return
                now = clock.now
                total += tokens
                if recent and recent[-1][0] == now:
                    tokens += recent.pop()[1]
                recent.append((now, tokens))
                while len(recent) > 2 and (now - recent[0][0]).total_seconds() > window:
                    total -= recent.popleft()[1]
                began, at_first = recent[0]
                if (seconds := (now - began).total_seconds()) > 0:
                    observer.on_next((total - at_first) / seconds)

            connection.disposable = listen(
                source, on_next, observer.on_error, observer.on_completed, scheduler=scheduler_
            )
            return connection

        return chained(subscribe)

    return _tokens_per_second
