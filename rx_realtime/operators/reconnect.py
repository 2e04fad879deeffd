"""The only retry loop of the library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, SerialDisposable
from reactivex.scheduler import TimeoutScheduler
from tenacity.stop import stop_base, stop_never
from tenacity.wait import wait_base

from ..errors import is_retryable
from ._slot import fill
from .backoff import Wait, backoff, delay_of
from .chain import chained, fast_lane, listen

__all__ = ["reconnect"]

T = TypeVar("T")


def reconnect(
    wait: Wait | Callable[[], Wait] | None = None,
    *,
    stop: stop_base = stop_never,
    retry_if: Callable[[BaseException], bool] = is_retryable,
    proves: Callable[[T], bool] = lambda _: True,
    opens: Callable[[T], bool] = lambda _: False,
    stable_after: float = 10.0,
    announce: Callable[[int, float, Exception], T] | None = None,
    scheduler: abc.SchedulerBase | None = None,
) -> Callable[[Observable[T]], Observable[T]]:
    """Open the source again whenever it breaks off, and wait longer before every attempt.

    The waits begin anew after a success. Opening alone is none: a server that accepts and drops
    must not be hit at the shortest wait forever.

    Args:
        wait: a tenacity wait, a list of delays (the last error goes through when they are used
            up), or a function that returns either, asked before each wait. Default: `backoff()`.
        stop: a tenacity stop that counts attempts, e.g. `stop_after_attempt(5)`. One that reads
            the clock would ignore virtual time.
        retry_if: which errors are worth another attempt; the others go through at once.
        proves: which values prove success.
        opens: which values say that the source opened: open for `stable_after` is success, too.
        stable_after: seconds.
        announce: makes a value of (attempt, wait, error), delivered when a wait begins.
        scheduler: where waits are slept.

    Returns:
        An operator. The source's completion completes; leaving during a wait ends the wait.
    """
    waits = _asked(backoff() if wait is None else wait)

    def _reconnect(source: Observable[T]) -> Observable[T]:
        def subscribe(
            observer: abc.ObserverBase[T], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            connection, timer = SerialDisposable(), SerialDisposable()
            hand_on = fast_lane(observer)
            attempt = 0
            opened_at: datetime | None = None

            def on_next(value: T) -> None:
                nonlocal attempt, opened_at
                try:
                    if opens(value):
                        opened_at = clock.now
                    elif proves(value):
                        attempt = 0
                except Exception as failure:
                    observer.on_error(failure)
                else:
                    observer.on_next(value)

            def on_message(message: Any) -> None:
                nonlocal attempt
                if attempt:
                    on_next(message)
                else:
                    hand_on(message)

            def on_error(error: Exception) -> None:
                nonlocal attempt, opened_at
                connection.disposable = None
                if opened_at and (clock.now - opened_at).total_seconds() >= stable_after:
                    attempt = 0
                opened_at = None
                attempt += 1
                announced: list[T] = []
                try:
                    delay = delay_of(attempt, error, waits(), stop) if retry_if(error) else None
                    if delay is not None and announce is not None:
                        announced.append(announce(attempt, delay, error))
                except Exception as failure:
                    observer.on_error(failure)
                    return
                if delay is None:
                    observer.on_error(error)
                    return
                for value in announced:
                    observer.on_next(value)
                timer.disposable = clock.schedule_relative(delay, connect)

            def connect(*_: Any) -> None:
                fill(
                    connection,
                    lambda: listen(
                        source,
                        on_next,
                        on_error,
                        observer.on_completed,
                        scheduler=scheduler_,
                        lane=on_message,
                    ),
                )

            connect()
            return CompositeDisposable(connection, timer)

        return chained(subscribe)

    return _reconnect


def _asked(wait: Wait | Callable[[], Wait]) -> Callable[[], Wait]:
    # A tenacity wait is callable, too.
    return wait if callable(wait) and not isinstance(wait, wait_base) else lambda: wait
