"""Places for what is to be left: what a thousand idle connections hold thousands of."""

from __future__ import annotations

from reactivex import abc

__all__ = ["Place", "Slot"]


class Place(abc.DisposableBase):
    """Holds what is to be left, and leaves it, whichever of the two comes first.

    What a `SingleAssignmentDisposable` is, in a fifth of the memory. It needs no lock: whoever
    comes second, be it from another thread, sees what the first one did, and leaving twice does no
    harm.
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


class Slot(Place):
    """Holds one at a time, and leaves it when the next one comes.

    What a `SerialDisposable` is, for one writer: two threads must not fill it at once.
    """

    __slots__ = ()

    def hold(self, subscription: abc.DisposableBase) -> None:
        """Leave what is held, and take what is to be left next."""
        held = self._held
        super().hold(subscription)
        if held is not None:
            held.dispose()

    def empty(self) -> None:
        """Leave what is held; the next may come."""
        held, self._held = self._held, None
        if held is not None:
            held.dispose()
