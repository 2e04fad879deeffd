"""How two results are compared. Each of these makes the figure of one round."""

from __future__ import annotations

import statistics

from .contestant import Result

__all__ = [
    "core_share",
    "cost",
    "cpu",
    "each_kib",
    "flatness",
    "growth",
    "import_ms",
    "import_ours_ms",
    "median_latency",
    "memory",
    "per_core",
    "per_subscriber",
    "rate",
    "speed",
    "tail_latency",
]


def _per_message(result: Result) -> float:
    seconds: float = result["wall"] / result["count"]
    return seconds


def speed(subject: Result, peer: Result) -> float:
    """How many times as many messages a second."""
    return _per_message(peer) / _per_message(subject)


def cost(subject: Result, peer: Result) -> float:
    """How many times as much time for a message."""
    return _per_message(subject) / _per_message(peer)


def cpu(subject: Result, peer: Result) -> float:
    """How many times as much of the processor for a message."""
    ratio: float = subject["cpu"] / subject["count"] / (peer["cpu"] / peer["count"])
    return ratio


def median_latency(subject: Result, peer: Result) -> float:
    """How many times as long until half of the messages are there."""
    ratio: float = subject["p50"] / peer["p50"]
    return ratio


def tail_latency(subject: Result, peer: Result) -> float:
    """How many times as long until 99 of 100 messages are there."""
    ratio: float = subject["p99"] / peer["p99"]
    return ratio


def per_core(subject: Result, _: Result) -> float:
    """Messages in a second of processor time."""
    count: float = subject["count"] / subject["cpu"]
    return count


def rate(subject: Result, _: Result) -> float:
    """Messages in a second."""
    return 1 / _per_message(subject)


def memory(subject: Result, peer: Result) -> float:
    """How many times as much memory for each connection."""
    ratio: float = subject["each"] / peer["each"]
    return ratio


def per_subscriber(subject: Result, peer: Result) -> float:
    """Microseconds of the processor that each further subscriber adds to a message; there are 99.

    Not of the clock on the wall: what is no ratio would grow with whatever else the machine does.
    """
    added: float = subject["cpu"] / subject["count"] - peer["cpu"] / peer["count"]
    return added * 1e6 / 99


def each_kib(subject: Result, _: Result) -> float:
    """KiB of memory for each connection."""
    kib: float = subject["each"] / 1024
    return kib


def core_share(subject: Result, _: Result) -> float:
    """Percent of a core."""
    percent: float = subject["cpu"] / subject["wall"] * 100
    return percent


def flatness(subject: Result, _: Result) -> float:
    """What a message costs in the last three laps, in terms of the first three: medians of each.

    Of one lap alone it would say how quiet the machine was.
    """
    laps = [_lap(subject, number) for number in range(len(subject["laps"]) - 1)]
    return statistics.median(laps[-3:]) / statistics.median(laps[:3])


def growth(subject: Result, _: Result) -> float:
    """How many times as much memory at the end as after the warm-up."""
    ratio: float = subject["memory"] / subject["memory_before"]
    return ratio


def import_ms(subject: Result, _: Result) -> float:
    """Milliseconds of the processor, as with `per_subscriber`."""
    return float(subject["cpu"]) * 1000


def import_ours_ms(subject: Result, _: Result) -> float:
    """Milliseconds of our own modules."""
    return float(subject["ours"]) * 1000


def _lap(result: Result, number: int) -> float:
    (begin, wall, _), (end, wall_, _) = result["laps"][number : number + 2]
    seconds: float = (wall_ - wall) / (end - begin)
    return seconds
