"""A place for one subscription at a time."""

from __future__ import annotations

from collections.abc import Callable

from reactivex import abc
from reactivex.disposable import SerialDisposable

__all__ = ["Place", "fill"]


class Place(abc.DisposableBase):
    """Holds what is to be left, and leaves it, whichever of the two comes first.

    What a `SingleAssignmentDisposable` is, in a fifth of the memory: where thousands of connections
    are open, there are tens of thousands of these. It needs no lock: whoever comes second, be it
    from another thread, sees what the first one did, and leaving twice does no harm.
    """

    __slots__ = ("_held", "is_disposed")

    def __init__(self) -> None:
        self._held: abc.DisposableBase | None = None
        self.is_disposed = False

    def hold(self, subscription: abc.DisposableBase) -> None:
        """Take what is to be left; it is, at once, where that has been asked for already."""
        self._held = subscription
        if self.is_disposed:
            self.dispose()

    def dispose(self) -> None:
        """Leave what is held, and what will be."""
        self.is_disposed = True
        held, self._held = self._held, None
        if held is not None:
            held.dispose()


def fill(slot: SerialDisposable, subscribe: Callable[[], abc.DisposableBase]) -> None:
    """Dispose what the slot holds, and put a new subscription there.

    The slot is taken before subscribing: a source that delivers at once may make its subscriber
    empty the slot again, and what then comes back must be disposed and not kept.
    """
    place = Place()
    slot.disposable = place
    place.hold(subscribe())
