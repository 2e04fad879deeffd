"""Rounds: the contestants of a heat one after the other, over and over, and the median of it.

Where the rounds do not agree whether a figure is good, as on a machine that others use as well,
there are more of them.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass

from . import judges
from .contestant import Contestant, Failed, Result
from .figure import Figure
from .missing import missing

__all__ = ["Measured", "Run", "measured", "played"]


@dataclass(frozen=True)
class Run:
    """How contestants are run.

    Attributes:
        urls: where the senders are.
        rounds: how often; a figure may want fewer.
        scale: how much of its size a contestant takes.
        stages: how many times as many rounds a figure may take until it is clear.
    """

    urls: Mapping[str, str]
    rounds: int
    scale: float = 1.0
    stages: int = 1


@dataclass(frozen=True)
class Measured:
    """A figure, and how it came about.

    Attributes:
        values: of each round; the figure is their median.
        subject: what the subject did in each.
        peer: what the peer did.
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
    def of_processor(self) -> float | None:
        """The same ratio in processor time, which a busy machine does not spoil; or None."""
        if self.figure.judge not in (judges.speed, judges.cost) or not self.peer:
            return None
        pairs = zip(map(_processor, self.subject), map(_processor, self.peer), strict=False)
        return statistics.median(self.figure.judge(subject, peer) for subject, peer in pairs)

    @property
    def is_ok(self) -> bool:
        """Whether it is as good as it must be; what could not be measured is not."""
        return self.value is not None and self.figure.target.holds(self.value)

    @property
    def is_clear(self) -> bool:
        """Whether it is no accident, but in one of twenty, on which side of its target it is.

        This is the sign test: so few rounds on the other side, where both sides are as likely.
        """
        count, held = len(self.values), sum(map(self.figure.target.holds, self.values))
        ways = sum(math.comb(count, few) for few in range(min(held, count - held) + 1))
        return 2 * ways <= 0.05 * 2.0**count


def _processor(result: Result) -> Result:
    """Return a result as if the clock on the wall had stood while others had the processor."""
    return {**result, "wall": result["cpu"]}


async def measured(heat: Sequence[Figure], run: Run) -> AsyncIterator[Measured]:
    """Measure the figures of a heat, and yield them when it is over."""
    absent = {figure: missing(figure.needs) for figure in heat}
    present = [figure for figure in heat if absent[figure] is None]
    results = await played(_lasting(present, run), run)
    for _ in range(1, run.stages):
        # These have had all rounds so far, so that what both did last is of the same ones.
        present = [each for each in present if _is_unclear(each, results)]
        for contestant, more in (await played(_lasting(present, run), run)).items():
            results[contestant] = _joined(results[contestant], more)
    for figure in heat:
        why = absent[figure]
        yield _judged(figure, results) if why is None else Measured(figure, why=why)


def _lasting(figures: Iterable[Figure], run: Run) -> dict[Contestant, int]:
    """Return who runs, in the order of the figures, and in how many rounds."""
    lasting: dict[Contestant, int] = {}
    for figure in figures:
        for each in figure.contestants:
            rounds = min(run.rounds, figure.rounds or run.rounds)
            lasting[each] = max(lasting.get(each, 0), rounds)
    return lasting


def _is_unclear(figure: Figure, results: Mapping[Contestant, list[Result] | Failed]) -> bool:
    so_far = _judged(figure, results)
    return not figure.rounds and so_far.why is None and not so_far.is_clear


def _joined(results: list[Result] | Failed, more: list[Result] | Failed) -> list[Result] | Failed:
    if isinstance(results, Failed) or isinstance(more, Failed):
        return results if isinstance(results, Failed) else more
    return results + more


async def played(
    lasting: Mapping[Contestant, int], run: Run
) -> dict[Contestant, list[Result] | Failed]:
    """Run contestants in turns: all of them once, then all once more.

    Args:
        lasting: in how many of the rounds each takes part, from the first on.
        run: how.

    Returns:
        What each did in its rounds, or why it did not.
    """
    results: dict[Contestant, list[Result] | Failed] = {each: [] for each in lasting}
    for number in range(run.rounds):
        for each, rounds in lasting.items():
            done = results[each]
            if isinstance(done, list) and number < rounds:
                try:
                    done.append(await each.run(run.urls, run.scale))
                except Failed as failed:
                    results[each] = failed
    return results


def _judged(figure: Figure, results: Mapping[Contestant, list[Result] | Failed]) -> Measured:
    subjects, peers = results[figure.subject], results[figure.peer or figure.subject]
    if isinstance(subjects, Failed) or isinstance(peers, Failed):
        return Measured(figure, why=str(subjects if isinstance(subjects, Failed) else peers))
    pairs = list(zip(subjects, peers, strict=False))  # of the same rounds; one may have had more
    try:
        values = tuple(figure.judge(subject, peer) for subject, peer in pairs)
    except ZeroDivisionError:
        return Measured(figure, why="it was over before a clock could tell")
    return Measured(figure, values, tuple(subjects), tuple(peers) if figure.peer else ())
