"""As the oracle beside it, on the dev server: what is delivered is the server's log, exactly.

Over real sockets, with a writer whose requests break off as well, on a server that is stopped and
started again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tenacity import wait_exponential

import rx_realtime as rxr
from rx_realtime.server import TaskRun
from tests.sources.trigger.at_home import SOON, Home, all_of, at_home

streams = rxr.trigger.streams
NUMBERS = streams.define("ai", int)

#: The writer gives up after ten attempts, and a server takes a while to start on a busy machine.
PATIENT = wait_exponential(multiplier=0.01, max=5)

ACTS = st.one_of(
    st.tuples(st.just("publish"), st.integers(1, 9)),
    st.tuples(st.just("publish"), st.integers(1, 80)),
    st.tuples(st.just("cut"), st.just(0)),
    st.tuples(st.just("tear"), st.integers(0, 2000)),
    st.tuples(st.just("tear writer"), st.integers(0, 20)),
    st.tuples(st.just("lose answer"), st.just(0)),
    st.tuples(st.just("stall"), st.just(0)),
    st.tuples(st.just("repeat"), st.integers(1, 9)),
    st.tuples(st.just("fail"), st.just(0)),
    st.tuples(st.just("refuse"), st.sampled_from([429, 500, 503])),
    st.tuples(st.just("restart"), st.just(0)),
    st.tuples(st.just("quiet"), st.just(0)),
    st.tuples(st.just("read"), st.just(0)),
)


@dataclass
class Play:
    """Acts a schedule out."""

    home: Home
    run: TaskRun
    reading: asyncio.Task[list[int]]
    written: int = 0
    is_stalled: bool = False

    async def act(self, what: str, number: int, writer: streams.Writer[int]) -> None:
        server = self.home.server
        faults, stream = server.trigger.faults.streams, self.run.stream("ai")
        match what:
            case "publish":
                for _ in range(number):
                    await writer.write(self.written)
                    self.written += 1
            case "tear":
                faults.drop_next(after=number)
                self.cut()
            case "tear writer":
                faults.cut_next_write(after=number)
                self.cut()
            case "lose answer":
                faults.lose_next_answer()
            case "cut":
                self.cut()
            case "stall":
                faults.stall()
                self.is_stalled = True
            case "repeat":
                faults.repeat_next(number)
            case "fail":
                faults.fail()
            case "refuse":
                faults.refuse(number, method="GET")
            case "restart":
                await server.stop()
                await server.start()
                self.is_stalled = False
            case "quiet" if not self.is_stalled:
                await self.unless_it_failed(stream.until_read())
                self.home.clock.advance_by(61)
            case "read" if not self.is_stalled:
                await self.unless_it_failed(stream.until_read())
            case _:
                await asyncio.sleep(0)

    async def unless_it_failed(self, waiting: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(waiting)
        await asyncio.wait([task, self.reading], return_when=asyncio.FIRST_COMPLETED)
        task.cancel()

    def cut(self) -> None:
        self.home.server.trigger.faults.streams.drop()
        self.is_stalled = False


async def play(version: Any, acts: list[Any]) -> None:
    with pytest.MonkeyPatch.context() as environment:
        async with at_home(environment) as home, asyncio.timeout(25):
            run = home.server.trigger.start_run(streams_version=version)
            reading = asyncio.create_task(all_of(streams.read(run.id, NUMBERS, wait=SOON)))
            playing = Play(home, run, reading)
            async with streams.writer(run.id, NUMBERS, wait=PATIENT) as writer:
                for what, number in acts:
                    await playing.act(what, number, writer)
                home.server.trigger.faults.clear()
                playing.cut()
            await run.complete()
            read = await home.finished(reading, run.stream("ai"))
            assert read == run.stream("ai").chunks == [*range(playing.written)]


@pytest.mark.parametrize("version", ["v2", "v1"])
@settings(max_examples=15, deadline=None)
@given(acts=st.lists(ACTS, max_size=12))
def test_what_is_delivered_is_the_servers_log(version: str, acts: list[Any]) -> None:
    asyncio.run(play(version, acts))
