"""The table of figures: what is measured, against whom, and how good it must be.

A row is one line of the report. Rows of one heat share their contestants: each is run once in every
round, one after the other, and what is compared with each other was measured side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from . import judges
from .contestant import Contestant, Result, contestant, npm

__all__ = ["FIGURES", "Figure"]


@dataclass(frozen=True)
class Figure:
    """One row.

    Attributes:
        name: as it is printed, and asked for with `--only`.
        heat: the rows that are measured together.
        says: what is measured, and against what.
        subject: who is judged.
        peer: whom it is compared with; itself where the figure is no ratio.
        judge: makes the figure of one round from their results.
        target: what it must be.
        at_least: whether more is better.
        unit: of the figure; a ratio has none.
        rounds: at most so many, where one takes long.
    """

    name: str
    heat: str
    says: str
    subject: Contestant
    peer: Contestant
    judge: Callable[[Result, Result], float]
    target: float
    at_least: bool = True
    unit: str = ""
    rounds: int | None = None

    def holds(self, value: float) -> bool:
        """Whether a value is as good as it must be."""
        return value >= self.target if self.at_least else value <= self.target

    @property
    def needs(self) -> frozenset[str]:
        """What has to be installed for it."""
        return self.subject.needs | self.peer.needs


MANY: Final = 150_000
FEW: Final = 40_000
MILLION: Final = 1_000_000

BARE: Final = contestant("bare", MANY)
STATE: Final = contestant("state", MANY)
TRANSPORT: Final = contestant("transport", MANY)
NPM_HOOK: Final = npm("use-realtime", 60_000, history=100)
RETAINED: Final = 40_000


def _fast(program: str, size: int, **options: Any) -> Contestant:
    """Return a contestant on the transport that the extra `[fast]` brings."""
    return contestant(program, size, fast=True, **options)


def _latency(rate: int, size: int) -> Figure:
    return Figure(
        f"latency-{rate}",
        f"latency-{rate}",
        f"half of {rate} messages a second are there after, against websockets + json.loads",
        contestant("state", size, rate=rate),
        contestant("bare", size, rate=rate),
        judges.median_latency,
        1.2,
        at_least=False,
    )


FIGURES: Final = (
    Figure(
        "sender",
        "sender",
        "the sender against the fastest contestant, picows + json.loads",
        contestant("drain", MANY),
        contestant("bare", MANY, library="picows.websockets"),
        judges.speed,
        2.5,
    ),
    Figure(
        "state",
        "websocket",
        "rt.state, history 100, against websockets + json.loads",
        STATE,
        BARE,
        judges.speed,
        0.85,
    ),
    Figure(
        "state-fast",
        "websocket",
        "the same on the fast transport",
        _fast("state", MANY),
        BARE,
        judges.speed,
        2.0,
    ),
    Figure(
        "state-of-transport",
        "websocket",
        "rt.state against its own transport + validate_json",
        STATE,
        TRANSPORT,
        judges.speed,
        0.75,
    ),
    Figure(
        "messages-of-transport",
        "websocket",
        "messages only against their own transport + validate_json",
        contestant("messages", MANY, form="subscribe"),
        TRANSPORT,
        judges.speed,
        0.9,
    ),
    Figure(
        "model",
        "websocket",
        "rt.state with a pydantic model per topic, against without",
        contestant("state", MANY, model=True),
        STATE,
        judges.speed,
        0.7,
    ),
    Figure(
        "async-for",
        "forms",
        "async for over rt.on(topic), against a callback",
        contestant("messages", MANY, form="iterate"),
        contestant("messages", MANY, form="on"),
        judges.speed,
        0.8,
    ),
    Figure(
        "npm-hook",
        "npm",
        "rt.state against npm useRealtime, history 100",
        STATE,
        NPM_HOOK,
        judges.speed,
        2.5,
    ),
    Figure(
        "npm-hook-fast",
        "npm",
        "rt.state on the fast transport against npm useRealtime",
        _fast("state", MANY),
        NPM_HOOK,
        judges.speed,
        6.0,
    ),
    Figure(
        "npm-subscribe-fast",
        "npm",
        "rt.state on the fast transport against npm subscribe, callback",
        _fast("state", MANY),
        npm("subscribe", MANY, form="callback"),
        judges.speed,
        4.5,
    ),
    Figure(
        "npm-iterator-fast",
        "npm",
        "rt.state on the fast transport against npm subscribe, iterator",
        _fast("state", MANY),
        npm("subscribe", MANY, form="iterator"),
        judges.speed,
        4.5,
    ),
    Figure(
        "npm-hook-40k",
        "npm-retained",
        "rt.state unbounded against npm useRealtime, both with 40,000 messages retained",
        contestant("state", RETAINED, scales=False, history=None, warm=0.5),
        npm("use-realtime", RETAINED, scales=False, history=RETAINED, warm=0.9),
        judges.speed,
        50.0,
        rounds=3,
    ),
    Figure(
        "history-10k",
        "history",
        "a message with history 10,000 against history 100",
        contestant("state", MILLION, history=10_000),
        STATE,
        judges.cost,
        2.2,
        at_least=False,
        rounds=3,
    ),
    Figure(
        "history-none",
        "history",
        "a message with unbounded history, 1 M messages, against history 100",
        contestant("state", MILLION, history=None),
        STATE,
        judges.cost,
        2.2,
        at_least=False,
        rounds=3,
    ),
    Figure(
        "history-flat",
        "history",
        "unbounded history: a message after 900,000 against one after 100,000",
        contestant("state", MILLION, history=None),
        contestant("state", MILLION, history=None),
        judges.flatness,
        1.25,
        at_least=False,
        rounds=3,
    ),
    Figure(
        "subscriber",
        "subscribers",
        "what each of 99 further subscribers of rt.state adds to a message",
        contestant("state", FEW, others=99),
        contestant("state", FEW),
        judges.per_subscriber,
        0.10,
        at_least=False,
        unit="us",
    ),
    Figure(
        "buffered-cpu",
        "buffered",
        "the processor's time with buffer_interval=0.1 at 20,000 a second, against without",
        contestant("state", 20_000, rate=20_000, buffer=0.1),
        contestant("state", 20_000, rate=20_000),
        judges.cpu,
        1.0,
        at_least=False,
    ),
    _latency(1_000, 1_000),
    _latency(20_000, 10_000),
    Figure(
        "idle-memory",
        "idle",
        "memory of each of 1,000 idle Realtimes",
        contestant("idle", 1_000),
        contestant("idle", 1_000),
        judges.each_kib,
        20.0,
        at_least=False,
        unit="KiB",
        rounds=3,
    ),
    Figure(
        "idle-memory-bare",
        "idle",
        "the same against bare websockets connections",
        contestant("idle", 1_000),
        contestant("idle", 1_000, bare=True),
        judges.memory,
        1.5,
        at_least=False,
        rounds=3,
    ),
    Figure(
        "idle-cpu",
        "idle-cpu",
        "1,000 idle subscriptions with buffer_interval=0.05, for as long as between two pings",
        contestant("idle", 1_000, buffer=0.05, seconds=15),
        contestant("idle", 1_000, buffer=0.05, seconds=15),
        judges.core_share,
        1.0,
        at_least=False,
        unit="%",
        rounds=3,
    ),
    Figure(
        "stream",
        "trigger",
        "chunks of a run's stream against httpx2 lines + json.loads",
        contestant("stream", MANY),
        contestant("stream", MANY, bare=True),
        judges.speed,
        0.8,
    ),
    Figure(
        "runs",
        "trigger",
        "changes of 1,000 runs, decoded and merged, against json.loads + dict.update",
        contestant("runs", 20_000, rows=1_000),
        contestant("runs", 20_000, rows=1_000, bare=True),
        judges.speed,
        0.7,
    ),
    Figure(
        "runs-memory",
        "trigger-tag",
        "memory while 10,000 runs under a tag change 1,000 times a second",
        contestant("runs", 5_000, rows=10_000, rate=1_000, warm=0.2),
        contestant("runs", 5_000, rows=10_000, rate=1_000, warm=0.2),
        judges.growth,
        1.05,
        at_least=False,
        rounds=3,
    ),
    Figure(
        "import",
        "import",
        "import rx_realtime",
        contestant("imports", 1, scales=False),
        contestant("imports", 1, scales=False),
        judges.import_ms,
        300.0,
        at_least=False,
        unit="ms",
    ),
    Figure(
        "import-ours",
        "import",
        "what of that is our own modules",
        contestant("imports", 1, scales=False),
        contestant("imports", 1, scales=False),
        judges.import_ours_ms,
        40.0,
        at_least=False,
        unit="ms",
    ),
)
