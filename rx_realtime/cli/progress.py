"""How far something is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast

from ..models import Run

__all__ = ["LABEL", "PERCENT", "Progress", "run_progress"]

#: What fields are called that tell how far something is, and what it is doing.
PERCENT: Final = ("percent", "progress", "pct", "percentage")
LABEL: Final = ("message", "label", "step", "stage", "status", "text")


class Progress(NamedTuple):
    """How far something is."""

    topic: str
    percent: float
    label: str


def run_progress(run: Run) -> Progress | None:
    """Find progress in what a run says about itself, at the top of its metadata or one level below.

    A number goes to 100; one that is named `progress`, and is not above 1, is a fraction. A run
    that ended well is through.
    """
    said = _fields(run.metadata)
    levels = [said, *filter(None, map(_fields, said.values()))]
    for fields in levels:
        percent = _percent(fields)
        if percent is not None:
            done = 100.0 if run.is_success else min(max(percent, 0.0), 100.0)
            return Progress("", done, _label(fields, said) or run.task_identifier)
    return None


def _percent(fields: Mapping[str, Any]) -> float | None:
    for name in PERCENT:
        value = fields.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return value * 100.0 if name == "progress" and value <= 1 else float(value)
    return None


def _label(*levels: Mapping[str, Any]) -> str | None:
    texts = (fields.get(name) for fields in levels for name in LABEL)
    return next((text for text in texts if isinstance(text, str)), None)


def _fields(value: Any) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}
