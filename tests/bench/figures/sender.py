"""Whether the senders are fast enough to measure anything: drained without a look at what comes."""

from __future__ import annotations

from typing import Final

from .. import judges
from ..contestant import contestant
from ..figure import Figure, at_least
from .common import MANY
from .trigger import BARE_RUNS, BARE_STREAM

__all__ = ["SENDER"]

SENDER: Final = (
    (
        Figure(
            "sender",
            "the sender against its fastest contestant, picows + json.loads",
            contestant("drain", MANY),
            contestant("bare", MANY, library="picows.websockets"),
            judges.speed,
            at_least(2.5),
        ),
    ),
    (
        Figure(
            "sender-stream",
            "the sender of a run's stream against httpx2 + json.loads",
            contestant("drain_http", MANY, of="stream"),
            BARE_STREAM,
            judges.speed,
            at_least(2.5),
        ),
        Figure(
            "sender-runs",
            "the sender of changed runs against httpx2 + json.loads",
            contestant("drain_http", BARE_RUNS.size, of="runs", rows=1_000),
            BARE_RUNS,
            judges.speed,
            at_least(2.5),
        ),
    ),
)
