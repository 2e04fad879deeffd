"""A machine that slept has to look what it missed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, SerialDisposable
from reactivex.scheduler import TimeoutScheduler

from ..errors import Stalled
from .chain import chained, listen

__all__ = ["woken"]

T = TypeVar("T")


def woken(
    every: float = 2.0,
    gap: float = 6.0,
    *,
    wall: Callable[[], float] = time.time,
    scheduler: abc.SchedulerBase | None = None,
) -> Callable[[Observable[T]], Observable[T]]:
    """Fail with `Stalled` when the machine, or this process, was asleep.

    Timers stand still in a sleep, and connections die in it without a word. Who was away for more
    than `gap` seconds of the clock on the wall must not go on waiting for an answer.

    Args:
        every: seconds between two looks at the clock.
        gap: seconds more than these, from which on it was a sleep.
        wall: tells the time of day, which goes on in a sleep.
        scheduler: where looks are timed.
    """

    def _woken(source: Observable[T]) -> Observable[T]:
        def subscribe(
            observer: abc.ObserverBase[T], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            connection, timer = SerialDisposable(), SerialDisposable()
            looked = wall()

            def look(*_: Any) -> None:
                nonlocal looked
                away, looked = wall() - looked, wall()
                if away <= every + gap:
                    timer.disposable = clock.schedule_relative(every, look)
                    return
                connection.dispose()
                observer.on_error(Stalled(away, "this machine to wake up"))

            timer.disposable = clock.schedule_relative(every, look)
            connection.disposable = listen(
                source,
                observer.on_next,
                observer.on_error,
                observer.on_completed,
                scheduler=scheduler_,
            )
            return CompositeDisposable(connection, timer)

        return chained(subscribe)

    return _woken
