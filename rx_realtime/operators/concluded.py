"""A last word."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reactivex import Observable, abc

from .chain import chained, fast_lane, listen

__all__ = ["concluded"]

T = TypeVar("T")


def concluded(last: T) -> Callable[[Observable[T]], Observable[T]]:
    """Deliver one more value when the source completes, and complete.

    At once, where `concat` would wait for its scheduler's next turn.
    """

    def _concluded(source: Observable[T]) -> Observable[T]:
        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            def on_completed() -> None:
                observer.on_next(last)
                observer.on_completed()

            return listen(
                source,
                observer.on_next,
                observer.on_error,
                on_completed,
                scheduler=scheduler,
                lane=fast_lane(observer),
            )

        return chained(subscribe)

    return _concluded
