"""Readers who are too slow: memory stays bounded, and the latest state of every run is right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from reactivex import Observable

import rx_realtime as rxr
from rx_realtime.transports import from_task
from rx_realtime.wire import Request, Response
from tests.virtual_trigger import UP_TO_DATE, answer, changed, row, rows

trigger = rxr.trigger

RUNS = 1000
UPDATES = 200
SECONDS = 20


class Engine:
    """A server of many runs: 200 updates in each answer, which stands for a second."""

    def __init__(self) -> None:
        self.answers = 0
        self.is_over = asyncio.Event()

    @property
    def latest(self) -> dict[str, int]:
        """What each run's number must be in the end."""
        numbers = dict.fromkeys(map(_name, range(RUNS)), 0)
        for number in range(1, SECONDS * UPDATES + 1):
            numbers[_name(number)] = number
        return numbers

    def ask(self, request: Request) -> Observable[Response]:
        async def run(deliver: Callable[[Response], None]) -> None:
            await asyncio.sleep(0)
            deliver(await self._answer())

        return from_task(run)

    async def _answer(self) -> Response:
        second, self.answers = self.answers, self.answers + 1
        if second == 0:
            return rows(*(row(_name(number), number="0") for number in range(RUNS)))
        if second > SECONDS:
            self.is_over.set()
            await asyncio.Event().wait()
        first = (second - 1) * UPDATES + 1
        news = [
            changed(_name(number), "update", number=str(number))
            for number in range(first, first + UPDATES)
        ]
        return answer(*news, UP_TO_DATE, offset=f"{second}_0", cursor=str(second))


def _name(number: int) -> str:
    return f"run_{number % RUNS}"


def options(engine: Engine) -> dict[str, Any]:
    return {"token": "key", "transport": engine.ask, "api_base_url": "https://h"}


async def test_who_reads_runs_slowly_ends_with_the_latest_of_each() -> None:
    """Case 43."""
    engine = Engine()
    iteration = trigger.runs("a", **options(engine)).iterate()
    seen, most = dict[str, int](), 0
    async with iteration:
        run = await anext(iteration)
        await engine.is_over.wait()  # all of it happens while the first one is looked at
        seen[run.id] = run.number
        most = len(iteration._box._waiting)
        while iteration._box._waiting:
            run = await anext(iteration)
            seen[run.id] = run.number
    assert most <= RUNS
    assert iteration.dropped >= SECONDS * UPDATES - RUNS
    assert seen == engine.latest


async def test_who_reads_views_slowly_is_given_the_latest_whole() -> None:
    """Case 43."""
    engine = Engine()
    iteration = trigger.runs_view("a", **options(engine)).iterate()
    async with iteration:
        await anext(iteration)
        await engine.is_over.wait()
        assert len(iteration._box._waiting) == 1
        view = await anext(iteration)
    assert {run.id: run.number for run in view.runs} == engine.latest


async def test_who_subscribes_is_never_asked_to_be_faster_than_it_is() -> None:
    """Case 43."""
    engine = Engine()
    seen, ahead = dict[str, int](), list[int]()

    def take(run: trigger.Run) -> None:
        seen[run.id] = run.number
        ahead.append(engine.answers)

    held = trigger.runs("a", **options(engine)).subscribe(take)
    await engine.is_over.wait()
    held.dispose()
    assert seen == engine.latest
    # While an answer is being looked at nothing more is asked: nothing piles up.
    assert ahead == [1] * RUNS + [1 + n // UPDATES + 1 for n in range(SECONDS * UPDATES)]
