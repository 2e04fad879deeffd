"""What much costs: a long history, many subscribers."""

from __future__ import annotations

from typing import Final

from .. import judges
from ..contestant import contestant
from ..figure import Figure, at_most
from .common import STATE

__all__ = ["SCALING"]

_MILLION: Final = 1_000_000
_FEW: Final = 40_000
_UNBOUNDED: Final = contestant("state", _MILLION, history=None)

_HISTORY: Final = (
    Figure(
        "history-10k",
        "what a message costs with history 10,000, against history 100",
        contestant("state", _MILLION, history=10_000),
        STATE,
        judges.cost,
        at_most(2.2),
        rounds=3,
    ),
    Figure(
        "history-none",
        "what one of 1 M messages costs with unbounded history, against history 100",
        _UNBOUNDED,
        STATE,
        judges.cost,
        at_most(2.2),
        rounds=3,
    ),
    Figure(
        "history-flat",
        "unbounded history: the last 270,000 of 1 M messages, against 270,000 near the first",
        _UNBOUNDED,
        None,
        judges.flatness,
        at_most(1.25),
        rounds=3,
    ),
)

_SUBSCRIBERS: Final = (
    Figure(
        "subscriber",
        "what each of 99 further subscribers of rt.state adds to a message",
        contestant("state", _FEW, others=99),
        contestant("state", _FEW),
        judges.per_subscriber,
        at_most(0.10, "us"),
    ),
)

SCALING: Final = (_HISTORY, _SUBSCRIBERS)
