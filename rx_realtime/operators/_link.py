"""What listens to a source for an operator, and leaves it: one small object."""

from __future__ import annotations

from typing import Any

from reactivex import abc

from ._slot import Place

__all__ = ["Functions", "Link", "Part", "Passing", "fast_lane"]


class Link(Place, abc.ObserverBase[Any]):
    """An observer that its source needs no guard for: its end comes once, and leaves the source.

    A subclass says where values go, in `on_next` and `lane`, be they methods or what another
    observer has: calling one is one call. `failed` and `completed` are told of the end when the
    source has been left.
    """

    __slots__ = ()

    #: Takes a `Received` or a `Chunk` in the place of `on_next`.
    lane: abc.OnNext[Any]

    def failed(self, error: Exception) -> None:
        """Take the source's error."""
        raise NotImplementedError

    def completed(self) -> None:
        """Take the source's completion."""
        raise NotImplementedError

    def on_error(self, error: Exception) -> None:
        """Leave the source, and take its error."""
        if not self.is_disposed:
            self.dispose()
            self.failed(error)

    def on_completed(self) -> None:
        """Leave the source, and take its completion."""
        if not self.is_disposed:
            self.dispose()
            self.completed()


class Part(Link):
    """Tells an observer all, unless a subclass says otherwise.

    Args:
        observer: who listens to the operator.
    """

    __slots__ = ("_observer",)

    def __init__(self, observer: abc.ObserverBase[Any]) -> None:
        super().__init__()
        self._observer = observer

    def on_next(self, value: Any) -> None:
        """Hand it on."""
        self._observer.on_next(value)

    def failed(self, error: Exception) -> None:
        """Hand it on."""
        self._observer.on_error(error)

    def completed(self) -> None:
        """Hand it on."""
        self._observer.on_completed()


class Passing(Part):
    """Has nothing to say about messages: they pass by the observer's fast lane."""

    __slots__ = ("lane",)

    def __init__(self, observer: abc.ObserverBase[Any]) -> None:
        super().__init__(observer)
        self.lane = fast_lane(observer)


class Functions(Link):
    """Hands all on to functions."""

    __slots__ = ("completed", "failed", "lane", "on_next")

    # They take the place of methods.
    on_next: abc.OnNext[Any]  # type: ignore[assignment]
    failed: abc.OnError  # type: ignore[assignment]
    completed: abc.OnCompleted  # pyright: ignore[reportIncompatibleMethodOverride]

    def __init__(
        self,
        on_next: abc.OnNext[Any],
        on_error: abc.OnError,
        on_completed: abc.OnCompleted,
        lane: abc.OnNext[Any],
    ) -> None:
        super().__init__()
        self.on_next = on_next
        self.failed = on_error
        self.completed = on_completed
        self.lane = lane


def fast_lane(observer: abc.ObserverBase[Any]) -> abc.OnNext[Any]:
    """Return what takes a `Received` or a `Chunk` in the place of the observer's `on_next`."""
    return observer.lane if isinstance(observer, Link) else observer.on_next
