"""What `reset()` tells the sequence that it is asked of."""

from __future__ import annotations

from reactivex import Observable, abc

from ..operators import chained

__all__ = ["Resets"]


class Resets:
    """Tells whoever listens now that a reset is asked for: one listens at a time.

    What a `Subject` is, without its locks and its list: most are never told anything.

    Attributes:
        asked: delivers None for each reset.
    """

    __slots__ = ("asked", "listener")

    def __init__(self) -> None:
        self.asked: Observable[object] = chained(self._listen)
        self.listener: _Listener | None = None

    def ask(self) -> None:
        """Ask for a reset; where nobody listens, nothing happens."""
        if self.listener is not None:
            self.listener.observer.on_next(None)

    def _listen(
        self, observer: abc.ObserverBase[object], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        self.listener = _Listener(self, observer)
        return self.listener


class _Listener(abc.DisposableBase):
    __slots__ = ("_resets", "observer")

    def __init__(self, resets: Resets, observer: abc.ObserverBase[object]) -> None:
        self._resets = resets
        self.observer = observer

    def dispose(self) -> None:
        if self._resets.listener is self:  # and not one that came after
            self._resets.listener = None
