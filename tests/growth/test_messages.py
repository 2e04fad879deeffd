"""What a message costs does not depend on how many came before it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from rx_realtime.models import History, Message, Messages, RealtimeState, Received, reduce_state
from tests import virtual_streams
from tests.growth.costs import A_FEW_BYTES, check_flat, cost_of
from tests.virtual import CHANNEL, World, frame
from tests.virtual_trigger import World as Runs
from tests.virtual_trigger import row, rows

LIMITS = [0, 100, 10_000, None]
FRAME = frame({"percent": 50})


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
