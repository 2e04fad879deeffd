"""The only retry loop of the library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct
from reactivex import Observable, abc
from reactivex.scheduler import TimeoutScheduler
from tenacity.stop import stop_base, stop_never
from tenacity.wait import wait_base

from ..errors import is_retryable
from ._link import fast_lane
from ._slot import Slot
from ._switching import Switching
from .backoff import Wait, backoff, delay_of
from .chain import chained

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
    rules = _Rules(
        backoff() if wait is None else wait, stop, retry_if, proves, opens, stable_after, announce
    )

    def _reconnect(source: Observable[T]) -> Observable[T]:
        def subscribe(
            observer: abc.ObserverBase[T], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            whole = _Reconnecting(observer, scheduler_, clock, source, rules)
            whole.begin(source)
            return whole

        return chained(subscribe)

    return _reconnect


class _Rules(Struct, frozen=True):
    """What `reconnect` was told."""

    wait: Wait | Callable[[], Wait]
    stop: stop_base
    retry_if: Callable[[BaseException], bool]
    proves: Callable[[Any], bool]
    opens: Callable[[Any], bool]
    stable_after: float
    announce: Callable[[int, float, Exception], Any] | None


class _Reconnecting(Switching):
    __slots__ = ("_attempt", "_clock", "_hand_on", "_opened_at", "_rules", "_source", "_timer")

    def __init__(
        self,
        observer: abc.ObserverBase[Any],
        scheduler: abc.SchedulerBase | None,
        clock: abc.SchedulerBase,
        source: Observable[Any],
        rules: _Rules,
    ) -> None:
        super().__init__(observer, scheduler)
        self._clock = clock
        self._source = source
        self._rules = rules
        self._hand_on = fast_lane(observer)
        self._timer = Slot()
        self._attempt = 0
        self._opened_at: datetime | None = None

    def on_next(self, value: Any) -> None:
        try:
            if self._rules.opens(value):
                self._opened_at = self._clock.now
            elif self._rules.proves(value):
                self._attempt = 0
        except Exception as failure:
            super().on_error(failure)
        else:
            self._observer.on_next(value)

    def lane(self, message: Any) -> None:
        if self._attempt:
            self.on_next(message)
        else:
            hand_on = self._hand_on
            hand_on(message)

    def on_error(self, error: Exception) -> None:
        opened_at, self._opened_at = self._opened_at, None
        if opened_at and (self._clock.now - opened_at).total_seconds() >= self._rules.stable_after:
            self._attempt = 0
        self._attempt += 1
        announced = list[Any]()
        try:
            delay = self._delay(error)
            if delay is not None and self._rules.announce is not None:
                announced.append(self._rules.announce(self._attempt, delay, error))
        except Exception as failure:
            super().on_error(failure)
            return
        if delay is None:
            super().on_error(error)
            return
        for value in announced:
            self._observer.on_next(value)
        self._timer.hold(self._clock.schedule_relative(delay, self._again))

    def dispose(self) -> None:
        super().dispose()
        self._timer.dispose()

    def _delay(self, error: Exception) -> float | None:
        rules = self._rules
        if not rules.retry_if(error):
            return None
        return delay_of(self._attempt, error, _asked(rules.wait), rules.stop)

    def _again(self, *_: Any) -> None:
        self.begin(self._source)


def _asked(wait: Wait | Callable[[], Wait]) -> Wait:
    # A tenacity wait is callable, too.
    return wait() if callable(wait) and not isinstance(wait, wait_base) else wait
