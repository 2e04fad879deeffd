"""A `Realtime` of Inngest does not grow, whatever happens to it again and again."""

from __future__ import annotations

import json
from itertools import count

import pytest
from reactivex import Subject

from rx_realtime import Datastream
from tests.growth.census import check_growth
from tests.virtual import Seen, Socket, World, frame

#: Seconds after which nothing is remembered of a connection: the longest wait, the overlap of a
#: handover, and how long a token may take.
FORGOTTEN = 11.0


class Forgetful(World):
    """A world that writes down only what is going on, or its notes would be what grows."""

    def connect(self) -> Socket:
        """Open the latest socket, and forget those before it."""
        del self.sockets[:-1]
        return self.socket.open()

    def pass_by(self, seen: Seen) -> None:
        """Let time pass, and forget what was seen."""
        self.wait(FORGOTTEN)
        seen.states.clear()
        seen.events.clear()


def test_a_thousand_reconnects_leave_nothing_behind():
    world = Forgetful()
    seen = world.realtime(history_limit=10)
    world.connect()

    def reconnect(number: int) -> None:
        world.socket.send(frame(number % 10)).break_off()
        world.pass_by(seen)
        world.connect()

    check_growth(reconnect, 1_000, clock=world.clock)
    assert world.asked == 1_101
    assert len(world.live) == 1


def test_a_thousand_handovers_leave_nothing_behind():
    world = Forgetful()
    seen = world.realtime(history_limit=10)
    world.connect()

    def hand_over(number: int) -> None:
        world.socket.send(frame(number % 10), frame("", kind="closing"))
        world.wait()
        world.connect().send(frame(number % 10))
        world.pass_by(seen)

    check_growth(hand_over, 1_000, clock=world.clock)
    assert world.asked == 1_101
    assert len(world.live) == 1


def test_a_thousand_keys_leave_nothing_behind():
    world, keys = Forgetful(), Subject[object]()
    seen = world.realtime(history_limit=10, key=keys)

    def change(number: int) -> None:
        keys.on_next(object())
        world.wait()
        world.connect().send(frame(number % 10))
        world.pass_by(seen)

    check_growth(change, 1_000, clock=world.clock)
    assert world.asked == 1_100
    assert len(world.live) == 1


def test_hundreds_of_pauses_leave_nothing_behind():
    world, enabled = Forgetful(), Subject[bool]()
    seen = world.realtime(history_limit=10, enabled=enabled, buffer_interval=0.5)

    def pause(number: int) -> None:
        enabled.on_next(True)
        world.wait()
        world.connect().send(frame(number % 10))
        enabled.on_next(False)
        world.pass_by(seen)

    check_growth(pause, 400, clock=world.clock)
    assert world.asked == 450
    assert not world.live


def test_ten_thousand_subscribers_who_come_and_go_leave_nothing_behind():
    world = Forgetful()
    seen = world.realtime(history_limit=10)
    world.connect().send(frame(1))

    def come_and_go(_: int) -> None:
        state = seen.rt.state.subscribe()
        messages = seen.rt.on("status").subscribe()
        state.dispose()
        messages.dispose()

    check_growth(come_and_go, 10_000, clock=world.clock)
    assert len(world.sockets) == 1, "they did not share the connection"


def test_hundreds_of_connections_that_are_left_again_leave_nothing_behind():
    world = Forgetful()
    seen = world.realtime(history_limit=10)
    seen.leave()

    def come_and_go(number: int) -> None:
        subscription = seen.rt.state.subscribe()
        world.wait()
        world.connect().send(frame(number % 10))
        subscription.dispose()
        world.pass_by(seen)

    check_growth(come_and_go, 400, clock=world.clock)
    assert world.asked == 451
    assert not world.live


def test_hundreds_of_instances_leave_nothing_behind():
    world = Forgetful()

    def use(number: int) -> None:
        seen = world.realtime(history_limit=10, buffer_interval=0.5)
        world.connect().send(frame(number % 10))
        seen.leave()
        world.pass_by(seen)

    check_growth(use, 400, clock=world.clock)


@pytest.mark.parametrize("ends", [True, False], ids=["that end", "that never end"])
def test_thousands_of_text_streams_leave_nothing_behind(ends: bool):
    world = Forgetful()
    seen = world.realtime(history_limit=10)
    world.connect()
    texts, numbers = list[str](), count()

    def read(stream: Datastream) -> None:
        stream.chunks.subscribe(texts.append, lambda _: None)

    streams = seen.rt.streams().subscribe(read)

    def stream(_: int) -> None:
        name = f"s{next(numbers)}"
        chunk = json.dumps({"kind": "chunk", "stream_id": name, "data": "x"}).encode()
        world.socket.send(frame(name, kind="datastream-start"), chunk)
        if ends:
            world.socket.send(frame(name, kind="datastream-end"))
        assert texts == ["x"]
        texts.clear()
        seen.states.clear()
        seen.events.clear()

    for number in range(0 if ends else 1_000):  # so many that do not are remembered
        stream(number)
    check_growth(stream, 1_000, clock=world.clock)
    streams.dispose()
