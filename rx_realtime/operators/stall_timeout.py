"""Silence that lasts too long is an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, SerialDisposable
from reactivex.scheduler import TimeoutScheduler

from ..errors import Stalled
from .chain import chained, listen

__all__ = ["stall_timeout"]

T = TypeVar("T")


def stall_timeout(
    duetime: float, *, scheduler: abc.SchedulerBase | None = None
) -> Callable[[Observable[T]], Observable[T]]:
    """Fail with `Stalled` when the source is silent for `duetime` seconds.

    Unlike `timeout` it costs nothing per value: a value only moves the deadline, and the one timer
    that runs looks at it when it fires.
    """

    def _stall_timeout(source: Observable[T]) -> Observable[T]:
        def subscribe(
            observer: abc.ObserverBase[T], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            connection, timer = SerialDisposable(), SerialDisposable()
            heard = clock.now

            def look(*_: Any) -> None:
                left = duetime - (clock.now - heard).total_seconds()
                if left > 0:
                    timer.disposable = clock.schedule_relative(left, look)
                else:
                    connection.dispose()
                    observer.on_error(Stalled(duetime))

            def on_next(value: T) -> None:
                nonlocal heard
                heard = clock.now
                observer.on_next(value)

            timer.disposable = clock.schedule_relative(duetime, look)
            connection.disposable = listen(
                source, on_next, observer.on_error, observer.on_completed, scheduler=scheduler_
            )
            return CompositeDisposable(connection, timer)

        return chained(subscribe)

    return _stall_timeout
