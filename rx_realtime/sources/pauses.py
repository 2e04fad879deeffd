"""Why nothing is connected although there is a channel."""

from __future__ import annotations

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ..models import Paused, PauseReason, Update
from ..operators import latest
from .options import Option, at_once, values

__all__ = ["paused", "pauses_of"]


def pauses_of(
    enabled: Option[bool], visible: Observable[bool] | None, pause_on_hidden: Option[bool]
) -> Observable[PauseReason | None]:
    """Deliver the reason to pause, or None for none, each time one of the options changes.

    Shared, and told at once to a late subscriber. Disabled wins over hidden.
    """

    def reason(parts: tuple[bool, bool, bool]) -> PauseReason | None:
        is_enabled, is_visible, hiding_counts = parts
        if not is_enabled:
            return PauseReason.DISABLED
        return None if is_visible or not hiding_counts else PauseReason.HIDDEN

    shown = at_once(True) if visible is None else visible
    parts = rx.combine_latest(values(enabled), shown, values(pause_on_hidden))
    return parts.pipe(ops.map(reason), latest())


def paused(reason: PauseReason) -> Update:
    """Make the update that says why nothing is connected."""
    return Paused(reason)
