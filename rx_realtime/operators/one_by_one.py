"""From values that come together to values that come alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from reactivex import Observable, abc

from ._link import Part
from .chain import linked

__all__ = ["one_by_one"]

T = TypeVar("T")


def one_by_one() -> Callable[[Observable[Sequence[T]]], Observable[T]]:
    """Deliver each value of what comes, in its order and at once: what `buffered` did, undone."""

    def _one_by_one(source: Observable[Sequence[T]]) -> Observable[T]:
        return linked(source, _link)

    return _one_by_one


def _link(observer: abc.ObserverBase[Any], _: abc.SchedulerBase | None) -> _Spreading:
    return _Spreading(observer)


class _Spreading(Part):
    __slots__ = ("_deliver", "lane")

    def __init__(self, observer: abc.ObserverBase[Any]) -> None:
        super().__init__(observer)
        self._deliver = observer.on_next
        self.lane = self.on_next

    def on_next(self, value: Sequence[Any]) -> None:
        deliver = self._deliver
        for each in value:
            if self.is_disposed:  # who was given one may have left
                return
            deliver(each)
