"""A place for one subscription at a time."""

from __future__ import annotations

from collections.abc import Callable

from reactivex import abc
from reactivex.disposable import SerialDisposable, SingleAssignmentDisposable

__all__ = ["fill"]


def fill(slot: SerialDisposable, subscribe: Callable[[], abc.DisposableBase]) -> None:
    """Dispose what the slot holds, and put a new subscription there.

    The slot is taken before subscribing: a source that delivers at once may make its subscriber
    empty the slot again, and what then comes back must be disposed and not kept.
    """
    place = SingleAssignmentDisposable()
    slot.disposable = place
    place.disposable = subscribe()
