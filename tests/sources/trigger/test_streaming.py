"""Silence that is our own reader's is no silence of the stream."""

from __future__ import annotations

from typing import Any

import pytest
import reactivex as rx
from pydantic import SecretStr
from reactivex.subject import BehaviorSubject

from rx_realtime.models import SubscriptionToken, Topic
from rx_realtime.sources.trigger.gate import Gate
from rx_realtime.sources.trigger.streaming import Reading, read_stream
from rx_realtime.wire.trigger import Account
from rx_realtime.wire.trigger.streams import stream_wire
from tests.virtual_streams import World, batch, record

ANYTHING: Any = Any
AI: Topic[Any] = Topic(ANYTHING, name="ai")


@pytest.mark.parametrize(("idle", "is_over"), [(20.0, False), (None, True)])
def test_while_a_reader_is_behind_nothing_is_given_up(idle: float | None, is_over: bool) -> None:
    world, gate = World(), Gate(1)
    gate.add()
    seen = world.watch(
        read_stream(
            stream_wire(Account("https://api.trigger.dev"), "run_1", AI),
            rx.of(SubscriptionToken(SecretStr("t"))),
            how=Reading(world.connect, idle=idle, gate=gate),
            over=BehaviorSubject(True) if is_over else rx.never(),
            run_id="run_1",
        )
    )
    world.body.open()
    world.wait(300)
    assert len(world.bodies) == 1
    assert not seen.is_over
    gate.take()
    world.body.send(batch(record(0, "a")))
    world.wait(25)
    if not is_over:  # what is left is asked for, and nothing is
        world.body.open().close()
    assert seen.is_over
    assert not world.open_bodies


def test_a_gate_closes_when_enough_wait_and_opens_when_half_of_them_are_gone() -> None:
    gate = Gate(4)
    for _ in range(4):
        assert not gate.is_closed
        gate.add()
    assert gate.is_closed
    gate.take()
    assert gate.is_closed
    gate.take()
    assert not gate.is_closed
