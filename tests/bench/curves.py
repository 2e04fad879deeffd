"""The curves: what a message costs when there is more and more of something, ours and a peer's."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .contestant import Contestant, Failed, Result, contestant, npm
from .missing import missing
from .rounds import Run, played

__all__ = ["CURVES", "Curve", "Panel", "panels"]

_SIZE: Final = 50_000
_HOOK_SIZE: Final = 2_000


@dataclass(frozen=True)
class Curve:
    """One contestant with more and more of something.

    Attributes:
        name: in the legend.
        made: the contestant for so many.
        counts: how many.
        is_ours: whether it is this library.
    """

    name: str
    made: Callable[[int], Contestant]
    counts: tuple[int, ...]
    is_ours: bool = False


@dataclass(frozen=True)
class Panel:
    """What belongs in one picture.

    Attributes:
        of: what there is more and more of.
        points: of each curve, microseconds of the processor for a message by how many there are.
        missing: why some are not there.
    """

    of: str
    curves: tuple[Curve, ...]
    points: Mapping[str, Mapping[int, float]]
    missing: tuple[str, ...]


def _history(limit: int) -> Contestant:
    """Measure while the history is full."""
    size = limit + _SIZE
    return contestant("state", size, scales=False, history=limit, warm=limit / size)


def _hook(limit: int) -> Contestant:
    size = limit + _HOOK_SIZE
    return npm("use-realtime", size, scales=False, history=limit, warm=limit / size)


def _subscribers(count: int) -> Contestant:
    return contestant("state", _SIZE, others=count - 1)


def _subscribers_of_bare(count: int) -> Contestant:
    return contestant("bare", _SIZE, others=count - 1)


def _subscriptions(count: int) -> Contestant:
    return contestant("many", _SIZE, scales=False, connections=count)


def _subscriptions_of_bare(count: int) -> Contestant:
    return contestant("many", _SIZE, scales=False, connections=count, bare=True)


def _runs(count: int) -> Contestant:
    return contestant("runs", min(5_000, 500 * count), rows=count)


def _runs_of_bare(count: int) -> Contestant:
    return contestant("runs", min(5_000, 500 * count), rows=count, bare=True)


_OURS: Final = "rx_realtime"
_BARE: Final = "websockets + json.loads"

CURVES: Final[Mapping[str, tuple[Curve, ...]]] = {
    "messages of history": (
        Curve(_OURS, _history, (100, 1_000, 10_000, 100_000, 1_000_000), is_ours=True),
        Curve("npm useRealtime", _hook, (100, 1_000, 10_000, 40_000)),
    ),
    "subscribers of one connection": (
        Curve(_OURS, _subscribers, (1, 3, 10, 30, 100), is_ours=True),
        Curve(_BARE, _subscribers_of_bare, (1, 3, 10, 30, 100)),
    ),
    "subscriptions, each with its connection": (
        Curve(_OURS, _subscriptions, (1, 10, 100, 1_000), is_ours=True),
        Curve(_BARE, _subscriptions_of_bare, (1, 10, 100, 1_000)),
    ),
    "runs under a tag": (
        Curve(_OURS, _runs, (1, 10, 100, 1_000, 10_000), is_ours=True),
        Curve("httpx2 + json.loads", _runs_of_bare, (1, 10, 100, 1_000, 10_000)),
    ),
}


async def panels(run: Run) -> list[Panel]:
    """Measure all curves. What cannot run here is left out."""
    measured = list[Panel]()
    for of, curves in CURVES.items():
        running = [each for each in curves if missing(each.made(1).needs) is None]
        turns = [each.made(count) for each in running for count in each.counts]
        results = await played(dict.fromkeys(turns, run.rounds), run)
        points = {
            each.name: {
                count: point
                for count in each.counts
                if (point := _cost(results[each.made(count)])) is not None
            }
            for each in running
        }
        failed = tuple(str(each) for each in results.values() if isinstance(each, Failed))
        measured.append(Panel(of, tuple(running), points, failed))
    return measured


def _cost(results: list[Result] | Failed) -> float | None:
    if isinstance(results, Failed):
        return None
    costs: list[Any] = [each["cpu"] / each["count"] * 1e6 for each in results]
    return float(statistics.median(costs))
