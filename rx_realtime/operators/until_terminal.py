"""The end of a run is the end of the sequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc

from ._slot import Place
from .chain import chained, fast_lane, listen

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
        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            connection = Place()

            def on_next(value: T) -> None:
                try:
                    is_last = is_terminal(value)
                except Exception as error:
                    connection.dispose()
                    observer.on_error(error)
                    return
                observer.on_next(value)
                if is_last:
                    connection.dispose()
                    observer.on_completed()

            connection.hold(
                listen(
                    source,
                    on_next,
                    observer.on_error,
                    observer.on_completed,
                    scheduler=scheduler,
                    lane=fast_lane(observer) if is_terminal is _is_terminal else on_next,
                )
            )
            return connection

        return chained(subscribe)

    return _until_terminal
