"""What is there before anything comes: memory, timers, and the import."""

from __future__ import annotations

from typing import Final

from .. import judges
from ..contestant import contestant
from ..figure import Figure, at_most

__all__ = ["IDLE"]

_IDLE: Final = contestant("idle", 1_000)
_IMPORT: Final = contestant("imports", 1, scales=False)

_MEMORY: Final = (
    Figure(
        "idle-memory",
        "memory of each of 1,000 idle Realtimes",
        _IDLE,
        None,
        judges.each_kib,
        at_most(20.0, "KiB"),
        rounds=3,
    ),
    Figure(
        "idle-memory-bare",
        "memory of each of 1,000 idle Realtimes, against bare connections of websockets",
        _IDLE,
        contestant("idle", 1_000, bare=True),
        judges.memory,
        at_most(1.5),
        rounds=3,
    ),
)

_CPU: Final = (
    Figure(
        "idle-cpu",
        "1,000 idle subscriptions with buffer_interval=0.05, from one ping to the next",
        contestant("idle", 1_000, buffer=0.05, seconds=15),
        None,
        judges.core_share,
        at_most(1.0, "%"),
        rounds=3,
    ),
)

_IMPORTS: Final = (
    Figure(
        "import",
        "processor time of importing rx_realtime and its first engine",
        _IMPORT,
        None,
        judges.import_ms,
        at_most(300.0, "ms"),
    ),
    Figure(
        "import-ours",
        "what of that our own modules take",
        _IMPORT,
        None,
        judges.import_ours_ms,
        at_most(40.0, "ms"),
    ),
)

IDLE: Final = (_MEMORY, _CPU, _IMPORTS)
