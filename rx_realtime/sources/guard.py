"""The guard between a feed and who subscribes to it."""

from __future__ import annotations

from typing import Any

from reactivex import abc

from ..operators import Link

__all__ = ["Guard"]


class Guard(Link):
    """Hands all on to a subscriber until it has left, or has been told the end.

    What RxPY puts there, in a quarter of the memory.

    Args:
        on_next: takes values, if anything does.
        on_error: takes the error; without one it is raised.
        on_completed: is told of the completion.
    """

    __slots__ = ("_completed", "_failed", "_take")

    def __init__(
        self,
        on_next: abc.OnNext[Any] | None,
        on_error: abc.OnError | None,
        on_completed: abc.OnCompleted | None,
    ) -> None:
        super().__init__()
        self._take = on_next or _ignore
        self._failed = on_error or _raise
        self._completed = on_completed or _ignore

    def on_next(self, value: Any) -> None:
        """Hand it on, unless the subscriber has left."""
        if not self.is_disposed:
            take = self._take
            take(value)

    lane = on_next  # pyright: ignore[reportAssignmentType]  # of the class it is a method, too

    def failed(self, error: Exception) -> None:
        """Hand it on."""
        self._failed(error)

    def completed(self) -> None:
        """Hand it on."""
        self._completed()


def _ignore(_: object = None) -> None:
    pass


def _raise(error: Exception) -> None:
    raise error
