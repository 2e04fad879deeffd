"""The end of a run is the end of the sequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable
from reactivex import operators as ops

__all__ = ["until_terminal"]

T = TypeVar("T")


def _is_terminal(value: Any) -> bool:
    return getattr(value, "is_terminal", False) is True


def until_terminal(
    is_terminal: Callable[[T], bool] = _is_terminal,
) -> Callable[[Observable[T]], Observable[T]]:
    """Deliver values up to and including the one that says that the run is over; then complete.

    Args:
        is_terminal: whether a value says so. By default its own `is_terminal`, which statuses,
            run changes and runs have.
    """
    return ops.take_while(lambda value: not is_terminal(value), inclusive=True)
