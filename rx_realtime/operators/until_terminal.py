"""The end of a run is the end of the sequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc

from ._link import Passing
from .chain import linked

__all__ = ["until_terminal"]

T = TypeVar("T")


def _is_terminal(value: Any) -> bool:
    return getattr(value, "is_terminal", False) is True


def until_terminal(
    is_terminal: Callable[[T], bool] = _is_terminal,
) -> Callable[[Observable[T]], Observable[T]]:
    """Deliver values up to and including the one that says that the run is over; then complete.

    The meaning of `take_while` with `inclusive=True`.

    Args:
        is_terminal: whether a value says so. By default its own `is_terminal`, which statuses,
            run changes and runs have.
    """

    def _until_terminal(source: Observable[T]) -> Observable[T]:
        def link(observer: abc.ObserverBase[T], _: abc.SchedulerBase | None) -> _Watching:
            return _Watching(observer, is_terminal)

        return linked(source, link)

    return _until_terminal


class _Watching(Passing):
    __slots__ = ("_is_terminal",)

    def __init__(self, observer: abc.ObserverBase[Any], is_terminal: Callable[[Any], bool]) -> None:
        super().__init__(observer)
        self._is_terminal = is_terminal
        if is_terminal is not _is_terminal:
            self.lane = self.on_next

    def on_next(self, value: Any) -> None:
        try:
            is_last = self._is_terminal(value)
        except Exception as error:
            self.on_error(error)
            return
        self._observer.on_next(value)
        if is_last:
            self.on_completed()
