"""Ask again, gently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable
from reactivex.scheduler import TimeoutScheduler

from ._slot import Slot
from .chain import chained, listen

__all__ = ["repeated"]

T = TypeVar("T")


def repeated(
    shortest: float,
    longest: float,
    *,
    factor: float = 1.5,
    scheduler: abc.SchedulerBase | None = None,
) -> Callable[[Observable[T]], Observable[T]]:
    """Subscribe to the source again a while after it completes, and again, until it fails.

    The while is `shortest` seconds after a value that differs from the one before it, and grows by
    `factor` up to `longest` while nothing changes: who asks for news that are none asks less often.
    """

    def _repeated(source: Observable[T]) -> Observable[T]:
        def subscribe(
            observer: abc.ObserverBase[T], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            asking, timer = Slot(), Slot()
            delay, latest = shortest, list[T]()

            def on_next(value: T) -> None:
                nonlocal delay
                delay = min(longest, delay * factor) if latest == [value] else shortest
                latest[:] = [value]
                observer.on_next(value)

            def on_completed() -> None:
                timer.hold(clock.schedule_relative(delay, ask))

            def ask(*_: Any) -> None:
                listen(
                    source,
                    on_next,
                    observer.on_error,
                    on_completed,
                    scheduler=scheduler_,
                    into=asking,
                )

            ask()
            return CompositeDisposable(asking, timer)

        return chained(subscribe)

    return _repeated
