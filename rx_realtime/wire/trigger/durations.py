"""How the server writes durations: `1h30m`, `2w`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

__all__ = ["MAX_DURATION_LENGTH", "parse_duration"]

#: More characters than this are no duration, whatever they say.
MAX_DURATION_LENGTH: Final = 100

_UNITS: Final = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "hr": timedelta(hours=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_PART: Final = re.compile(r"([0-9]+)(w|d|hr|h|m|s)")
_WHOLE: Final = re.compile(r"(?:[0-9]+(?:w|d|hr|h|m|s))+")


def parse_duration(text: str) -> timedelta | None:
    """Read a duration; None if it is none, or longer than any calendar."""
    if len(text) > MAX_DURATION_LENGTH or not _WHOLE.fullmatch(text):
        return None
    try:
        return sum((int(n) * _UNITS[unit] for n, unit in _PART.findall(text)), timedelta())
    except OverflowError:
        return None
