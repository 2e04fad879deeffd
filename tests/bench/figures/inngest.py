"""How fast messages come through, against loops that users write by hand."""

from __future__ import annotations

from typing import Final

from .. import judges
from ..contestant import contestant
from ..figure import Figure, at_least, at_most
from .common import BARE, MANY, STATE, STATE_FAST

__all__ = ["INNGEST"]

_TRANSPORT: Final = contestant("transport", MANY)

_THROUGHPUT: Final = (
    Figure(
        "state",
        "rt.state, history 100, against websockets + json.loads",
        STATE,
        BARE,
        judges.speed,
        at_least(0.85),
    ),
    Figure(
        "state-fast",
        "rt.state with [fast], history 100, against websockets + json.loads",
        STATE_FAST,
        BARE,
        judges.speed,
        at_least(2.0),
    ),
    Figure(
        "state-of-transport",
        "rt.state against its own transport + pydantic's validate_json",
        STATE,
        _TRANSPORT,
        judges.speed,
        at_least(0.75),
    ),
    Figure(
        "messages-of-transport",
        "messages without a state, against their own transport + pydantic's validate_json",
        contestant("messages", MANY, form="subscribe"),
        _TRANSPORT,
        judges.speed,
        at_least(0.9),
    ),
    Figure(
        "model",
        "rt.state with a pydantic model for the topic, against without",
        contestant("state", MANY, model=True),
        STATE,
        judges.speed,
        at_least(0.7),
    ),
)

_FORMS: Final = (
    Figure(
        "async-for",
        "async for over rt.on(topic), against a callback",
        contestant("messages", MANY, form="iterate"),
        contestant("messages", MANY, form="on"),
        judges.speed,
        at_least(0.8),
    ),
)


def _latency(rate: int, size: int) -> Figure:
    return Figure(
        f"latency-{rate}",
        f"after how long half of {rate} messages a second are there, against websockets + "
        "json.loads",
        contestant("state", size, rate=rate),
        contestant("bare", size, rate=rate),
        judges.median_latency,
        at_most(1.2),
    )


_BUFFERED: Final = (
    Figure(
        "buffered-cpu",
        "processor time with buffer_interval=0.1 at 20,000 messages a second, against without",
        contestant("state", 20_000, rate=20_000, buffer=0.1),
        contestant("state", 20_000, rate=20_000),
        judges.cpu,
        at_most(1.0),
    ),
)

INNGEST: Final = (
    _THROUGHPUT,
    _FORMS,
    (_latency(1_000, 1_000),),
    (_latency(20_000, 10_000),),
    _BUFFERED,
)
