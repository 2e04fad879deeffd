"""The vendor's npm SDK on the same sender."""

from __future__ import annotations

from typing import Final

from .. import judges
from ..contestant import contestant, npm
from ..figure import Figure, at_least
from .common import MANY, STATE, STATE_FAST

__all__ = ["NPM"]

_HOOK: Final = npm("use-realtime", 60_000, history=100)
_RETAINED: Final = 40_000

_FLOOD: Final = (
    Figure(
        "npm-hook",
        "rt.state against npm useRealtime, history 100",
        STATE,
        _HOOK,
        judges.speed,
        at_least(2.5),
    ),
    Figure(
        "npm-hook-fast",
        "rt.state with [fast] against npm useRealtime, history 100",
        STATE_FAST,
        _HOOK,
        judges.speed,
        at_least(6.0),
    ),
    Figure(
        "npm-callback-fast",
        "rt.state with [fast] against npm subscribe with a callback",
        STATE_FAST,
        npm("subscribe", MANY, form="callback"),
        judges.speed,
        at_least(4.5),
    ),
    Figure(
        "npm-iterator-fast",
        "rt.state with [fast] against npm subscribe as an iterator",
        STATE_FAST,
        npm("subscribe", MANY, form="iterator"),
        judges.speed,
        at_least(4.5),
    ),
)

_LONG: Final = (
    Figure(
        "npm-hook-40k",
        "rt.state unbounded against npm useRealtime, with 40,000 messages retained",
        contestant("state", _RETAINED, scales=False, history=None, warm=0.5),
        npm("use-realtime", _RETAINED, scales=False, history=_RETAINED, warm=0.9),
        judges.speed,
        at_least(50.0),
        rounds=3,
    ),
)

NPM: Final = (_FLOOD, _LONG)
