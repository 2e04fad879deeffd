"""Why nothing is connected although there is a channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactivex import Observable
from reactivex import operators as ops

from ..models import Paused, PauseReason, Update
from ..operators import joined_by, latest, while_active
from .options import Option, combined

__all__ = ["Pauses"]


class Pauses:
    """Reasons to pause, each time one of the options changes. Disabled wins over hidden.

    Where no option can ever pause, its operators leave the pipe as it is.
    """

    __slots__ = ("_reasons",)

    def __init__(
        self, enabled: Option[bool], visible: Observable[bool] | None, pause_on_hidden: Option[bool]
    ) -> None:
        options = (enabled, True if visible is None else visible, pause_on_hidden)
        self._reasons: Observable[PauseReason | None] | None = None
        if any(isinstance(each, Observable) for each in options):
            self._reasons = combined(_reason, *options).pipe(latest())
        elif _reason(options) is not None:
            self._reasons = combined(_reason, *options)

    def respected(self) -> Callable[[Observable[Update]], Observable[Update]]:
        """Subscribe to updates while nothing pauses, and say why where something does."""
        return _as_it_is if self._reasons is None else while_active(self._reasons, announce=Paused)

    def known(self) -> Callable[[Observable[Update]], Observable[Update]]:
        """Ask for the reasons before anything else does."""
        if self._reasons is None:
            return _as_it_is
        unspoken: Observable[Any] = self._reasons.pipe(ops.ignore_elements())
        return joined_by(unspoken)


def _reason(parts: tuple[Any, ...]) -> PauseReason | None:
    is_enabled, is_visible, hiding_counts = parts
    if not is_enabled:
        return PauseReason.DISABLED
    return None if is_visible or not hiding_counts else PauseReason.HIDDEN


def _as_it_is(updates: Observable[Update]) -> Observable[Update]:
    return updates
