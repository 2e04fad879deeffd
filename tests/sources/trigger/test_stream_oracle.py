"""Whatever happens on the way, what is delivered is the log: each record once, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rx_realtime as rxr
from rx_realtime.models import StreamClosed
from tests.virtual_streams import PING, Body, World, batch, data, line, record

ACTS = st.one_of(
    st.tuples(st.just("publish"), st.integers(1, 4)),
    st.tuples(st.just("tear"), st.integers(0, 80)),
    st.tuples(st.just("cut"), st.sampled_from([0, 1, 2])),
    st.tuples(st.just("close"), st.just(0)),
    st.tuples(st.just("ping"), st.just(0)),
    st.tuples(st.just("repeat"), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.integers(1, 20)),
)
FAILURES = [rxr.ConnectionLost(reason="reset"), rxr.Stalled(60), rxr.Refused(503)]


@dataclass
class Server:
    """Keeps a log, and sends each connection what follows its last id; some of it twice.

    Attributes:
        together: how many lines share an id, in the older dialect.
    """

    world: World
    is_new: bool
    together: int = 1
    log: list[int] = field(default_factory=list[int])
    sent: dict[int, int] = field(default_factory=dict[int, int])
    behind: int = 0

    def event(self, number: int) -> bytes:
        if self.is_new:
            return batch(record(number, number, part=f"p{number}"))
        return line(f"{number // self.together}-0", number)

    def serve(self) -> None:
        """Send the open connection what it has not been sent."""
        body = self.current()
        if body is None:
            return
        if id(body) not in self.sent:
            body.open()
            after = -1 if body.after is None else int(body.after.partition("-")[0])
            self.sent[id(body)] = max(0, (after + 1) * self.together - self.behind)
        for number in range(self.sent[id(body)], len(self.log)):
            self.sent[id(body)] = number + 1
            body.send(self.event(number))

    def current(self) -> Body | None:
        bodies = self.world.open_bodies
        return bodies[-1] if bodies else None

    def act(self, what: str, number: int) -> None:
        body = self.current()
        match what:
            case "publish":
                self.log += range(len(self.log), len(self.log) + number)
            case "tear" if body is not None and id(body) in self.sent:
                self.log.append(len(self.log))
                body.send(self.event(len(self.log) - 1)[:number])
                body.break_off()
            case "cut" if body is not None:
                body.break_off(FAILURES[number])
            case "close" if body is not None and id(body) in self.sent:
                body.close()
            case "ping" if body is not None and id(body) in self.sent:
                body.send(PING, b": ping\n\n")
            case "repeat":
                self.behind = number
            case "wait":
                self.world.wait(number)
            case _:
                pass


@pytest.mark.parametrize(
    ("is_new", "together"), [(True, 1), (False, 1), (False, 3)], ids=["v2", "v1", "v1-together"]
)
@settings(max_examples=200, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_what_is_delivered_is_the_log(is_new: bool, together: int, acts: list[Any]) -> None:
    world = World()
    seen = world.read()
    world.start()
    server = Server(world, is_new, together)
    for what, number in acts:
        server.serve()
        server.act(what, number)
    world.wait(6)
    world.finish()
    for _ in range(20):
        server.serve()
        if (body := server.current()) is not None:
            body.close()
        world.wait(6)
    assert data(seen) == server.log
    assert seen.values[-1] == StreamClosed("ai", "ai")
    assert seen.is_over
    assert not world.open_bodies
