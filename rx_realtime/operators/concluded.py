"""A last word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc

from ._link import Passing
from .chain import linked

__all__ = ["concluded"]

T = TypeVar("T")


def concluded(last: T) -> Callable[[Observable[T]], Observable[T]]:
    """Deliver one more value when the source completes, and complete.

    At once, where `concat` would wait for its scheduler's next turn.
    """

    def _concluded(source: Observable[T]) -> Observable[T]:
        def link(observer: abc.ObserverBase[T], _: abc.SchedulerBase | None) -> _Concluding:
            return _Concluding(observer, last)

        return linked(source, link)

    return _concluded


class _Concluding(Passing):
    __slots__ = ("_last",)

    def __init__(self, observer: abc.ObserverBase[Any], last: Any) -> None:
        super().__init__(observer)
        self._last = last

    def completed(self) -> None:
        self._observer.on_next(self._last)
        self._observer.on_completed()
