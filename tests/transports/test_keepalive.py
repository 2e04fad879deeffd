"""When a connection is pinged, and when it is given up; the time is the test's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.transports.keepalive import Keepalive
from rx_realtime.transports.settings import Settings


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose clock goes on when it is told to."""

    now = 1_000.0

    def time(self) -> float:
        return self.now

    def do(self, act: Callable[[], object]) -> None:
        """Do something there, now, and what follows from it at once."""

        async def turns() -> None:
            for _ in range(3):
                await asyncio.sleep(0)

        self.call_soon(act)
        self.run_until_complete(turns())

    def until(self, now: float) -> None:
        """Let the time pass, and the timers go off, each at its time."""
        while (due := self._next()) is not None and due <= now:
            self.now = due
            self.do(int)
        self.now = now

    def _next(self) -> float | None:
        timers: list[asyncio.TimerHandle] = vars(self)["_scheduled"]
        return min((each.when() for each in timers if not each.cancelled()), default=None)


class Peer:
    """Notes when it is pinged, and whether it is given up."""

    def __init__(self, loop: Loop, settings: Settings, *, answers: bool = True) -> None:
        self.loop, self.answers = loop, answers
        self.pinged = list[float]()
        self.lost: float | None = None
        self.keepalive = Keepalive(settings, self.ping, self.give_up)

    def ping(self) -> None:
        self.pinged.append(self.loop.now)
        if self.answers:
            self.loop.call_soon(self.keepalive.rest)

    def give_up(self) -> None:
        self.lost = self.loop.now


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


def test_a_peer_that_answers_is_pinged_again_and_again(loop: Loop):
    peer = Peer(loop, Settings())
    loop.do(peer.keepalive.rest)
    loop.until(1_050)
    assert peer.pinged == [1_015, 1_030, 1_045]
    assert peer.lost is None


def test_a_peer_that_does_not_answer_is_given_up_once_its_time_is_over(loop: Loop):
    peer = Peer(loop, Settings(), answers=False)
    loop.do(peer.keepalive.rest)
    loop.until(1_100)
    assert peer.pinged == [1_015]
    assert peer.lost == 1_025


def test_a_pong_that_comes_late_but_in_time_is_enough(loop: Loop):
    peer = Peer(loop, Settings(), answers=False)
    loop.do(peer.keepalive.rest)
    loop.until(1_024.5)
    loop.do(peer.keepalive.rest)
    loop.until(1_040)
    assert peer.pinged == [1_015, 1_039.5]
    assert peer.lost is None


def test_many_connections_are_pinged_together(loop: Loop):
    peers = [Peer(loop, Settings()) for _ in range(10)]
    for number, peer in enumerate(peers):
        loop.until(1_000 + number * 0.02)
        loop.do(peer.keepalive.rest)
    loop.until(1_031)
    assert {time for peer in peers for time in peer.pinged} == {1_015, 1_030}


@given(now=st.floats(0, 1e6), interval=st.floats(0.01, 1_000))
def test_a_ping_is_never_late_and_at_most_a_beat_early(now: float, interval: float):
    loop = Loop()
    loop.now = now
    peer = Peer(loop, Settings(ping_interval=interval), answers=False)
    loop.do(peer.keepalive.rest)
    loop.until(now + interval)
    peer.keepalive.stop()
    loop.close()
    [pinged] = peer.pinged
    assert now + interval * (1 - 1 / 60) <= pinged + 1e-9
    assert pinged <= now + interval


def test_nothing_is_left_of_what_was_stopped(loop: Loop):
    peer = Peer(loop, Settings())
    loop.do(peer.keepalive.rest)
    peer.keepalive.stop()
    loop.until(1_100)
    assert peer.pinged == []
