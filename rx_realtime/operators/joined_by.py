"""Another source's values, for as long as this one lasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import reactivex as rx
from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, SingleAssignmentDisposable

__all__ = ["joined_by"]

T = TypeVar("T")


def joined_by(other: Observable[T]) -> Callable[[Observable[T]], Observable[T]]:
    """Deliver the values of `other`, too. Its error is an error; its completion says nothing.

    Unlike `merge`, whose result lasts as long as the longest source does.
    """

    def _joined_by(source: Observable[T]) -> Observable[T]:
        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            main, side = SingleAssignmentDisposable(), SingleAssignmentDisposable()
            side.disposable = other.subscribe(
                observer.on_next, observer.on_error, scheduler=scheduler
            )
            main.disposable = source.subscribe(observer, scheduler=scheduler)
            return CompositeDisposable(main, side)

        return rx.create(subscribe)

    return _joined_by
