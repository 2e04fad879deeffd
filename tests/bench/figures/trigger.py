"""Trigger.dev: streams and runs, against `httpx2` and `json.loads`."""

from __future__ import annotations

from typing import Final

from .. import judges
from ..contestant import contestant
from ..figure import Figure, at_least, at_most
from .common import MANY

__all__ = ["BARE_RUNS", "BARE_STREAM", "TRIGGER"]

_ROWS: Final = 60_000

BARE_STREAM: Final = contestant("stream", MANY, bare=True)
BARE_RUNS: Final = contestant("runs", _ROWS, rows=1_000, bare=True)

_STREAM: Final = (
    Figure(
        "stream",
        "chunks of a run's stream, against httpx2 lines + json.loads",
        contestant("stream", MANY),
        BARE_STREAM,
        judges.speed,
        at_least(0.8),
    ),
)

_RUNS: Final = (
    Figure(
        "runs",
        "changes of 1,000 runs, decoded and merged, against json.loads + dict.update",
        contestant("runs", _ROWS, rows=1_000),
        BARE_RUNS,
        judges.speed,
        at_least(0.7),
    ),
)

_TAG: Final = (
    Figure(
        "runs-rate",
        "how many changes of 10,000 runs under a tag are taken in a second",
        contestant("runs", _ROWS, rows=10_000),
        None,
        judges.rate,
        at_least(1_000, "/s"),
        rounds=3,
    ),
    Figure(
        "runs-memory",
        "memory while 10,000 runs under a tag change 1,000 times a second, end against begin",
        # From when each run has changed once: by then the table holds what its last changes hide.
        contestant("runs", 15_000, rows=10_000, rate=1_000, warm=2 / 3),
        None,
        judges.growth,
        at_most(1.05),
        rounds=3,
    ),
)

TRIGGER: Final = (_STREAM, _RUNS, _TAG)
