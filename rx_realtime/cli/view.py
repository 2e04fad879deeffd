"""The view: everything a screen shows, as one frozen value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..models import ConnectionStatus, History, Message, RealtimeState
from .progress import LABEL, PERCENT, Progress, run_progress
from .seen import Seen, fields_of, token_of

__all__ = ["Progress", "View", "progress_of"]


@dataclass(frozen=True, slots=True)
class View:
    """What is known, what passed by, and what time it is.

    Attributes:
        title: what is watched.
        place: where.
        now: seconds since the viewer came.
        is_over: nothing more will come.
    """

    title: str
    place: str
    state: RealtimeState[Any]
    seen: Seen
    now: float
    is_over: bool = False

    @property
    def progress(self) -> Progress | None:
        """The progress that was told last: on a topic, or in the metadata of the run."""
        told = progress_of(self.state.messages.all, self.state.messages.by_topic)
        if told is None and self.seen.run is not None:
            return run_progress(self.seen.run)
        return told

    @property
    def log(self) -> list[Message[Any]]:
        """The messages that are shown nowhere else."""
        progress = self.progress
        elsewhere = None if progress is None else progress.topic
        return [
            message
            for message in self.state.messages.all
            if message.topic not in (elsewhere, *self.seen.echoed) and token_of(message) is None
        ]

    def ended(self, state: RealtimeState[Any]) -> View:
        """Return it as it is left behind."""
        return replace(self, state=state, is_over=True)

    @property
    def is_waiting(self) -> bool:
        """Whether a connection is being waited for."""
        return not self.is_over and self.state.connection_status in (
            ConnectionStatus.CONNECTING,
            ConnectionStatus.CLOSED,
            ConnectionStatus.ERROR,
        )


def progress_of(
    messages: History[Message[Any]], by_topic: Mapping[str, Message[Any]]
) -> Progress | None:
    """Find progress in the data: an object with a number named `percent`, `progress` or `pct`.

    It goes to 100, or to 1 where the topic has only ever told fractions.
    """
    latest = [message for message in by_topic.values() if _percent(message) is not None]
    if not latest:
        return None
    found = max(
        latest, key=lambda message: "" if not message.created_at else str(message.created_at)
    )
    percent = _percent(found)
    assert percent is not None
    told = [_percent(message) for message in messages if message.topic == found.topic]
    values = [value for value in told if value is not None] or [percent]
    if max(values) <= 1 and any(not value.is_integer() for value in values):
        percent *= 100
    return Progress(found.topic, min(max(percent, 0.0), 100.0), _label(found))


def _percent(message: Message[Any]) -> float | None:
    fields = fields_of(message.data)
    for name in PERCENT:
        value = fields.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value) if math.isfinite(value) else None
    return None


def _label(message: Message[Any]) -> str:
    fields = fields_of(message.data)
    texts = (fields.get(name) for name in LABEL)
    return next((text for text in texts if isinstance(text, str)), message.topic)
