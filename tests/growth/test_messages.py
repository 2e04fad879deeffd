"""What a message costs does not depend on how many came before it.

Counted, not timed: the functions that a message calls, and the memory that is taken while it
passes, which is what copying a long history would need.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import pytest

from rx_realtime.models import History, Message, Messages, RealtimeState, Received, reduce_state
from tests import virtual_streams
from tests.virtual import CHANNEL, World, frame
from tests.virtual_trigger import World as Runs
from tests.virtual_trigger import row, rows

LIMITS = [0, 100, 10_000, None]
FRAME = frame({"percent": 50})
#: More than a message takes, and far less than a copy of ten thousand.
A_FEW_BYTES = 32_768


def calls_of(act: Callable[[], object]) -> int:
    """Count the functions that are called, in Python and in C."""
    count = 0

    def watch(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event.endswith("call")

    sys.setprofile(watch)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


def memory_of(act: Callable[[], object]) -> int:
    """Measure how many bytes are taken at most, beyond what was there before."""
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    act()
    return tracemalloc.get_traced_memory()[1] - before


def cost_of(act: Callable[[], object]) -> tuple[float, float]:
    """Return calls and bytes, each the median of some: now and then a list is moved, or cut."""
    calls = median(calls_of(act) for _ in range(51))
    tracemalloc.start()
    try:
        return calls, median(memory_of(act) for _ in range(51))
    finally:
        tracemalloc.stop()


def check_flat(act: Callable[[], object], *, early: int, late: int) -> None:
    """Fail if what is done once more costs more after so many times than after so few."""
    for _ in range(early):
        act()
    calls, _ = cost_of(act)
    for _ in range(late - early):
        act()
    later, memory = cost_of(act)
    assert calls == later
    assert memory < A_FEW_BYTES


@pytest.mark.parametrize("limit", LIMITS)
def test_the_hundred_thousandth_message_costs_what_the_thousandth_did(limit: int | None):
    world = World()
    seen = world.realtime(history_limit=limit)
    seen.leave()
    latest = list[Any]([None])
    subscription = seen.rt.state.subscribe(partial(latest.__setitem__, 0))
    world.wait()
    world.socket.open()
    check_flat(partial(world.socket.observer.on_next, FRAME), early=1_000, late=100_000)
    assert len(latest[0].messages.all) == min(100_204, 10**9 if limit is None else limit)
    subscription.dispose()


@pytest.mark.parametrize("limit", LIMITS)
def test_the_millionth_message_costs_what_the_thousandth_did(limit: int | None):
    """The million before it is made at once: a view of one list, as a million messages leave it."""
    message = Message[Any](CHANNEL, "status", {"percent": 50})
    state = RealtimeState[Any](messages=Messages(all=History([message] * 1_000, limit=limit)))

    def receive() -> None:
        nonlocal state
        state = reduce_state(state, Received(message))

    calls, _ = cost_of(receive)
    state = RealtimeState(messages=Messages(all=History([message] * 1_000_000, limit=limit)))
    later, memory = cost_of(receive)
    assert calls == later
    assert memory < A_FEW_BYTES
    assert len(state.messages.all) == (1_000_102 if limit is None else limit)


def test_the_thousandth_change_of_a_run_costs_what_the_hundredth_did():
    world = Runs()
    seen = world.run()
    answers = [rows(row(at=second)) for second in range(2)]

    def change() -> None:
        answers.reverse()
        world.say(answers[0])
        world.wait(1)  # no more than so many questions a second
        world.questions[:] = world.pending
        seen.values.clear()

    check_flat(change, early=100, late=1_000)
    seen.leave()


def test_the_ten_thousandth_chunk_of_a_stream_costs_what_the_hundredth_did():
    world = virtual_streams.World()
    seen = world.read()
    world.start()
    world.body.open()
    number = 0

    def chunk() -> None:
        nonlocal number
        number += 1
        world.body.send(virtual_streams.batch(virtual_streams.record(number, "chunk")))
        seen.values.clear()

    check_flat(chunk, early=100, late=10_000)
    seen.leave()
