"""How many rounds there are, and what is made of them, with contestants that only say a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from tests.bench import judges
from tests.bench.contestant import Contestant, Failed, Result
from tests.bench.figure import Figure, at_least
from tests.bench.rounds import Measured, Run, measured

GOOD, BAD = 0.5, 2.0  # seconds, where the peer takes one


@dataclass(frozen=True)
class Scripted(Contestant):
    """Says so many seconds, one after the other; where there are no more, it fails."""

    script: Iterator[float] = field(default_factory=lambda: iter(()))

    async def run(self, urls: Mapping[str, str], scale: float = 1.0) -> Result:
        for wall in self.script:
            return {"wall": wall, "cpu": wall, "count": 1, "received": 1}
        raise Failed("out of breath")


def scripted(name: str, seconds: Sequence[float]) -> Scripted:
    return Scripted(name, 1, script=iter(seconds))


def figure(subject: Contestant, peer: Contestant, *, rounds: int | None = None) -> Figure:
    return Figure(subject.name, "", subject, peer, judges.speed, at_least(1.0), rounds)


async def after(*heat: Figure) -> list[Measured]:
    return [each async for each in measured(heat, Run({}, rounds=9, stages=3))]


@pytest.mark.parametrize(
    ("good", "bad", "is_clear"),
    [(9, 0, True), (8, 1, True), (7, 2, False), (1, 8, True), (4, 14, True), (19, 8, False)],
)
def test_it_is_clear_on_which_side_a_figure_is(good: int, bad: int, is_clear: bool):
    any_figure = figure(scripted("us", ()), scripted("them", ()))
    assert Measured(any_figure, (2.0,) * good + (0.5,) * bad).is_clear is is_clear


async def test_what_is_clear_takes_nine_rounds():
    peer = scripted("them", [1.0] * 9)
    good, bad = scripted("good", [GOOD] * 9), scripted("bad", [BAD] * 9)
    first, second = await after(figure(good, peer), figure(bad, peer))
    assert (first.value, first.is_ok) == (2.0, True)
    assert (second.value, second.is_ok) == (0.5, False)


async def test_what_is_not_takes_more_until_it_is():
    good = scripted("good", [GOOD, BAD] * 4 + [GOOD] * 10)
    bad = scripted("bad", [GOOD, BAD] * 4 + [BAD] * 10)
    first, second = await after(
        figure(good, scripted("them", [1.0] * 18)), figure(bad, scripted("others", [1.0] * 18))
    )
    assert (len(first.values), first.is_ok) == (18, True)
    assert (len(second.values), second.is_ok) == (18, False)


async def test_what_never_gets_clear_is_the_median_of_all_its_rounds():
    seconds = [0.8, 1.25, 0.5] * 9
    [only] = await after(figure(scripted("us", seconds), scripted("them", [1.0] * 27)))
    assert (len(only.values), only.value) == (27, 1.25)


async def test_more_rounds_for_one_figure_leave_another_as_it_was():
    peer = scripted("them", [1.0] * 9 + [10.0] * 18)
    clear, open_ = scripted("clear", [GOOD] * 9), scripted("open", [GOOD, BAD] * 4 + [GOOD] * 19)
    first, second = await after(figure(clear, peer), figure(open_, peer))
    assert first.values == (2.0,) * 9
    assert second.values[9:] == (20.0,) * 9


async def test_what_takes_long_is_left_at_the_rounds_it_wants():
    us, them = scripted("us", [GOOD, BAD, GOOD]), scripted("them", [1.0] * 3)
    [only] = await after(figure(us, them, rounds=3))
    assert (len(only.values), only.is_ok) == (3, True)


async def test_who_fails_later_has_no_figure():
    us = scripted("us", [GOOD, BAD] * 5)
    [only] = await after(figure(us, scripted("them", [1.0] * 27)))
    assert (only.value, only.why) == (None, "out of breath")


async def test_who_fails_at_once_does_not_run_again():
    us = scripted("us", [])
    [only] = await after(figure(us, scripted("them", [1.0] * 9)))
    assert (only.value, only.why) == (None, "out of breath")
