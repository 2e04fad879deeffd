"""What a change of one run costs does not depend on how many others there are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from reactivex import Subject

import rx_realtime as rxr
from rx_realtime.models import Message, Received, Update
from tests.growth.costs import A_FEW_BYTES, cost_of
from tests.virtual import CHANNEL
from tests.virtual_trigger import World, row, rows

FEW, MANY = 200, 5_000
#: A larger table has a few levels more to look into, where a copy would have thousands of entries.
A_FEW_CALLS = 30


def check_same(change_of: Callable[[int], Callable[[], object]]) -> None:
    """Fail if a change among many costs more than one among few."""
    calls, _ = cost_of(change_of(FEW))
    more, memory = cost_of(change_of(MANY))
    assert more <= calls + A_FEW_CALLS
    assert memory < A_FEW_BYTES


@pytest.mark.parametrize("view", ["table", "updates"])
def test_a_message_of_a_merged_run_costs_the_same_however_many_runs_there_are(view: str):
    def change_of(count: int) -> Callable[[], object]:
        updates = [Subject[Update]() for _ in range(count)]
        runs = {number: rxr.Realtime(partial(_only, each)) for number, each in enumerate(updates)}
        merged, world, latest = rxr.merge_runs(runs), World(), list[Any]([None])
        getattr(merged, view).subscribe(partial(latest.__setitem__, 0), scheduler=world.clock)
        numbers = iter(range(count))

        def change() -> None:
            number = next(numbers)
            message = Message[Any](CHANNEL, "status", number)
            updates[number].on_next(Received(message))
            shown = latest[0][number] if view == "table" else latest[0].state
            assert shown.messages.last is message

        return change

    check_same(change_of)


def test_a_change_of_a_run_in_a_view_costs_the_same_however_many_runs_are_in_it():
    def change_of(count: int) -> Callable[[], object]:
        world = World()
        view = world.watch(rxr.trigger.runs_view("video", **world.options))
        world.say(rows(*(row(f"run_{number}") for number in range(count))))
        view.values.clear()
        answers = iter([rows(row(f"run_{number}", at=1)) for number in range(FEW)])

        def change() -> None:
            world.say(next(answers))
            world.wait(1)  # no more than so many questions a second
            world.questions[:] = world.pending
            [latest] = view.values
            assert (len(latest.changed), len(latest.by_id)) == (1, count)
            view.values.clear()

        return change

    check_same(change_of)


def _only(updates: Subject[Update], _: object) -> Subject[Update]:
    return updates
