"""The dev server in front of a thousand subscribers."""

from __future__ import annotations

from typing import Any, Final

from .. import judges
from ..contestant import Contestant, contestant
from ..figure import Figure, at_least, at_most

__all__ = ["DEV_SERVER"]

_SIZE: Final = 200_000
_RATE: Final = 20_000


def _server(**options: Any) -> Contestant:
    return contestant("dev_server", _SIZE, rate=_RATE, connections=1_000, **options)


_SERVER: Final = _server()

_CROWD: Final = (
    Figure(
        "server",
        "the dev server: what it delivers to 1,000 subscribers in a second of one core",
        _SERVER,
        None,
        judges.per_core,
        at_least(_RATE, "/s"),
        rounds=5,
    ),
    Figure(
        "server-stalled",
        "after how long 99 % of that is there, with 50 more who never read against without",
        _server(stalled=50),
        _SERVER,
        judges.tail_latency,
        at_most(1.5),
        rounds=5,
    ),
)

_CHANNELS: Final = (
    Figure(
        "server-channels",
        "the same with a channel for each subscriber: every delivery is published by itself",
        _server(channels=1_000),
        None,
        judges.per_core,
        at_least(_RATE, "/s"),
        rounds=5,
    ),
)

DEV_SERVER: Final = (_CROWD, _CHANNELS)
