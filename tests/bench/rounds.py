"""Rounds: the contestants of a heat one after the other, over and over, and the median of it."""

from __future__ import annotations

import statistics
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from .contestant import Contestant, Failed, Result
from .figures import Figure
from .missing import missing

__all__ = ["Measured", "measured"]


@dataclass(frozen=True)
class Measured:
    """A figure, and how it came about.

    Attributes:
        values: of each round; the figure is their median.
        subject: the subject's results.
        peer: the peer's.
        why: why there is no figure, if there is none.
    """

    figure: Figure
    values: tuple[float, ...] = ()
    subject: tuple[Result, ...] = ()
    peer: tuple[Result, ...] = ()
    why: str | None = None

    @property
    def value(self) -> float | None:
        """The figure, or None where there is none."""
        return statistics.median(self.values) if self.values else None

    @property
    def is_ok(self) -> bool:
        """Whether it is as good as it must be; what could not be measured is not."""
        return self.value is not None and self.figure.holds(self.value)


async def measured(
    figures: Iterable[Figure], urls: Mapping[str, str], *, rounds: int, scale: float = 1.0
) -> AsyncIterator[Measured]:
    """Measure figures, and yield each as soon as its heat is over.

    Args:
        figures: those of a heat stand together.
        urls: where the senders are.
        rounds: how often; the figure itself may want fewer.
        scale: how much of their size the contestants take.
    """
    for _, group in groupby(figures, lambda figure: figure.heat):
        heat = list(group)
        absent = {figure.name: why for figure in heat if (why := missing(figure.needs))}
        running = [figure for figure in heat if figure.name not in absent]
        results = await _heat(running, urls, rounds, scale)
        for figure in heat:
            if why := absent.get(figure.name):
                yield Measured(figure, why=why)
            else:
                yield _judged(figure, results)


@dataclass
class _Results:
    """What the contestants of a heat did, round by round, or why one could not."""

    rounds: list[dict[Contestant, Result]] = field(default_factory=list)
    failed: dict[Contestant, str] = field(default_factory=dict)


async def _heat(
    figures: list[Figure], urls: Mapping[str, str], rounds: int, scale: float
) -> _Results:
    results = _Results()
    # In the order of the table, so that those that are compared run next to each other.
    lasting = {each: 0 for figure in figures for each in (figure.peer, figure.subject)}
    for figure in figures:
        for each in (figure.peer, figure.subject):
            lasting[each] = max(lasting[each], min(rounds, figure.rounds or rounds))
    for number in range(rounds):
        results.rounds.append({})
        for each, last in lasting.items():
            if number >= last or each in results.failed:
                continue
            try:
                results.rounds[-1][each] = await each.run(urls, scale)
            except Failed as failed:
                results.failed[each] = str(failed)
    return results


def _judged(figure: Figure, results: _Results) -> Measured:
    for each in (figure.subject, figure.peer):
        if why := results.failed.get(each):
            return Measured(figure, why=why)
    pairs = [
        (of_round[figure.subject], of_round[figure.peer])
        for of_round in results.rounds
        if figure.subject in of_round and figure.peer in of_round
    ]
    subjects, peers = zip(*pairs, strict=True)
    try:
        values = tuple(map(figure.judge, subjects, peers))
    except ZeroDivisionError:
        return Measured(figure, why="it was over before a clock could tell")
    return Measured(figure, values, subjects, peers)
