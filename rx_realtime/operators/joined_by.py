"""Another source's values, for as long as this one lasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable

from ._slot import Place
from .chain import chained, fast_lane, listen

__all__ = ["joined_by"]

T = TypeVar("T")


def joined_by(
    other: Observable[T], *, until: Callable[[T], bool] | None = None
) -> Callable[[Observable[T]], Observable[T]]:
    """Deliver the values of `other`, too. Its error is an error; its completion says nothing.

    Unlike `merge`, whose result lasts as long as the longest source does.

    Args:
        other: what joins in.
        until: the values of the source after which `other` is left: the source speaks for itself.
    """

    def _joined_by(source: Observable[T]) -> Observable[T]:
        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            side = Place()
            side.hold(other.subscribe(observer.on_next, observer.on_error, scheduler=scheduler))

            def on_next(value: T) -> None:
                try:
                    if until is not None and until(value):
                        side.dispose()
                except Exception as error:
                    observer.on_error(error)
                else:
                    observer.on_next(value)

            main = listen(
                source,
                observer.on_next if until is None else on_next,
                observer.on_error,
                observer.on_completed,
                scheduler=scheduler,
                lane=fast_lane(observer) if until is None else on_next,
            )
            return CompositeDisposable(main, side)

        return chained(subscribe)

    return _joined_by
