"""Another source's values, for as long as this one lasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc

from ._link import Passing
from ._slot import Slot
from .chain import linked, listen

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
        def link(observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None) -> _Joined:
            joined = _Joined(observer, until)
            joined.begin(other, scheduler)
            return joined

        return linked(source, link)

    return _joined_by


class _Joined(Passing):
    __slots__ = ("_side", "_until")

    def __init__(
        self, observer: abc.ObserverBase[Any], until: Callable[[Any], bool] | None
    ) -> None:
        super().__init__(observer)
        self._side = Slot()
        self._until = until
        if until is not None:
            self.lane = self.on_next

    def begin(self, other: Observable[Any], scheduler: abc.SchedulerBase | None) -> None:
        listen(
            other,
            self._observer.on_next,
            self.on_error,
            self._side.empty,
            scheduler=scheduler,
            into=self._side,
        )

    def on_next(self, value: Any) -> None:
        try:
            if self._until is not None and self._until(value):
                self._side.dispose()
        except Exception as error:
            self.on_error(error)
        else:
            self._observer.on_next(value)

    def dispose(self) -> None:
        super().dispose()
        self._side.dispose()
