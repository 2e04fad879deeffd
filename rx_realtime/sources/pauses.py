"""Why nothing is connected although there is a channel."""

from __future__ import annotations

from typing import Any

from reactivex import Observable

from ..models import Paused, PauseReason, Update
from ..operators import latest
from .options import Option, combined

__all__ = ["paused", "pauses_of"]


def pauses_of(
    enabled: Option[bool], visible: Observable[bool] | None, pause_on_hidden: Option[bool]
) -> Observable[PauseReason | None]:
    """Deliver the reason to pause, or None for none, each time one of the options changes.

    Shared, and told at once to a late subscriber. Disabled wins over hidden.
    """

    def reason(parts: tuple[Any, ...]) -> PauseReason | None:
        is_enabled, is_visible, hiding_counts = parts
        if not is_enabled:
            return PauseReason.DISABLED
        return None if is_visible or not hiding_counts else PauseReason.HIDDEN

    options = (enabled, True if visible is None else visible, pause_on_hidden)
    reasons = combined(reason, *options)
    changes = any(isinstance(each, Observable) for each in options)
    return reasons.pipe(latest()) if changes else reasons


def paused(reason: PauseReason) -> Update:
    """Make the update that says why nothing is connected."""
    return Paused(reason)
