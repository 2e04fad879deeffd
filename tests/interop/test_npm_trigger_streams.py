"""Streams of runs with the npm SDK of Trigger.dev, unchanged: with our dev server, and with us."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest

import rx_realtime as rxr
from rx_realtime.server import DevServer, TaskRun
from rx_realtime.server.trigger.stream_log import NewRecord
from rx_realtime.wire.trigger.encode_streams import encode_lines
from tests.interop.conftest import Node
from tests.interop.node_client import Line, NodeClient

pytestmark = [pytest.mark.interop, pytest.mark.usefixtures("trigger_at_home")]

VALUES: Final[list[Any]] = [
    {"step": 1, "text": "Hel", "none": None},
    "lo\n\ndata: x",
    *(0, False, None, "", [], {}, -1.5),
    "日本 🦆 \u2028 \x00 \x7f",
    {"large": "ä" * 100_000},
]
#: The writer of the SDK waits for longer than a second before it tries again.
PATIENCE: Final = 20.0


@asynccontextmanager
async def sdk_of(node: Node, **options: object) -> AsyncIterator[NodeClient]:
    """Start the program, and wait until it listens."""
    async with node("trigger-streams", options) as program:
        await program.says(lambda line: "ready" in line, within=PATIENCE)
        yield program


async def chunks(program: NodeClient, count: int) -> list[Any]:
    return [(await program.says())["chunk"] for _ in range(count)]


async def ours(run: TaskRun, key: str = "ai") -> list[Any]:
    """Read a stream to its end."""
    async with asyncio.timeout(PATIENCE):
        return [chunk async for chunk in rxr.trigger.stream(run.id, key)]


# --- the SDK reads --------------------------------------------------------------------------


async def test_streams_read_reads_what_we_write_and_ends_when_nothing_comes(
    run: TaskRun, node: Node
):
    written = await rxr.trigger.streams.pipe(run.id, "ai", VALUES)
    async with sdk_of(node) as program:
        program.hears(read=[run.id, "ai", {"timeoutInSeconds": 1}])
        assert await chunks(program, written) == VALUES
        assert await program.says() == {"ended": True}
        assert await program.ends() == 0


async def test_streams_read_goes_on_after_a_cut_and_reads_each_chunk_once(
    server: DevServer, run: TaskRun, node: Node
):
    stream, faults = run.stream("ai"), server.trigger.faults.streams
    async with sdk_of(node) as program:
        program.hears(read=[run.id, "ai", {"timeoutInSeconds": 60}])
        await stream.write("a", "b")
        assert await chunks(program, 2) == ["a", "b"]
        await stream.until_read()
        faults.refuse(503)
        faults.drop()
        await stream.write("c")
        assert await chunks(program, 1) == ["c"]
        await stream.until_read()
        faults.drop_next(after=30)  # in the middle of a record
        faults.drop()
        await stream.write("d", "e")
        assert await chunks(program, 2) == ["d", "e"]


async def test_of_lines_that_were_stored_together_the_sdk_loses_the_rest_at_a_cut_and_we_do_not(
    server: DevServer, node: Node
):
    run = server.trigger.start_run(streams_version="v1")
    stream, faults = run.stream("ai"), server.trigger.faults.streams
    stream.store([NewRecord(b'"a"'), NewRecord(b'"b"'), NewRecord(b'"c"')])
    after_one = len(encode_lines(stream.records[:1])) + 5
    async with sdk_of(node) as program:
        faults.drop_next(after=after_one)
        program.hears(read=[run.id, "ai", {"timeoutInSeconds": 1}])
        assert await chunks(program, 1) == ["a"]
        assert await program.says() == {"ended": True}
    faults.drop_next(after=after_one)
    await run.complete()
    assert await ours(run) == ["a", "b", "c"]


async def test_streams_read_begins_where_it_is_told_to(server: DevServer, node: Node):
    run = server.trigger.start_run()
    stream = run.stream("ai")
    await stream.write("a", "b", "c")
    async with sdk_of(node) as program:
        # Documented as the first chunk that is wanted, it is how many are left out.
        program.hears(read=[run.id, "ai", {"startIndex": 2, "timeoutInSeconds": 1}])
        assert await program.says() == {"chunk": "c"}
        assert await program.says() == {"ended": True}
        program.hears(read=[run.id, "ai", {"from": "latest", "timeoutInSeconds": 60}])
        await stream.until_read()
        await stream.write("d")
        assert await program.says() == {"chunk": "d"}


async def test_streams_read_reads_with_a_token_for_the_run_and_nothing_else(
    server: DevServer, node: Node
):
    run, other = server.trigger.start_run(), server.trigger.start_run()
    await run.stream().write("a")
    token = server.trigger.public_token(f"read:runs:{run.id}").get_secret_value()
    async with sdk_of(node, token=token) as program:
        program.hears(read=[run.id, {}])
        assert await program.says() == {"chunk": "a"}
        program.hears(read=[other.id, {}])
        assert "403" in (await program.says())["refused"]
        program.hears(read=["run_nobody", {}])
        assert "404" in (await program.says())["refused"]


# --- the SDK writes, as in a worker ---------------------------------------------------------


async def test_whatever_the_sdk_writes_we_read(run: TaskRun, node: Node):
    async with sdk_of(node, inWorker=True) as program:
        for how in ("pipe", "writer", "define"):
            program.hears(**{how: True}, run=run.id, key=how, chunks=VALUES)
            assert await program.says(within=PATIENCE) == {"written": True}
        # What is appended is text: of objects it is what JavaScript calls them.
        program.hears(append=True, run=run.id, key="text", chunks=["lo 🦆\n", "{}", {}])
        assert await program.says() == {"written": True}
    await run.complete()
    assert run.row.realtime_streams == ("pipe", "writer", "define", "text")
    *wholes, text = await asyncio.gather(*(ours(run, key) for key in run.row.realtime_streams))
    assert wholes == [VALUES] * 3
    assert text == ["lo 🦆\n", "{}", "[object Object]"]


async def test_a_writer_of_the_sdk_goes_on_where_it_was_cut_off_and_writes_nothing_twice(
    server: DevServer, node: Node
):
    run, faults = server.trigger.start_run(), server.trigger.faults.streams
    texts = [f"chunk {number}" for number in range(20)]
    async with sdk_of(node, inWorker=True) as program:
        for fail in (lambda: faults.cut_next_write(after=3), faults.lose_next_answer):
            fail()
            program.hears(pipe=True, run=run.id, key="ai", chunks=texts)
            assert await program.says(within=PATIENCE) == {"written": True}
    assert run.stream("ai").chunks == texts * 2


async def test_the_sdk_is_refused_to_write_into_a_run_that_is_over(server: DevServer, node: Node):
    run = server.trigger.start_run()
    await run.complete()
    async with sdk_of(node, inWorker=True) as program:
        for how in ("pipe", "append"):
            program.hears(**{how: True}, run=run.id, key="ai", chunks=["late"])
            assert "400" in (await program.says())["refused"]
        program.hears(send=[run.id, "approval", 1])
        assert "completed run" in (await program.says())["refused"]
    assert run.stream("ai").chunks == []


async def test_outside_of_a_worker_the_sdk_writes_nothing(server: DevServer, node: Node):
    run = server.trigger.start_run()
    async with sdk_of(node) as program:
        for how in ("pipe", "append"):
            program.hears(**{how: True}, run=run.id, key="ai", chunks=["lost"])
            assert await program.says() == {"written": True}
    assert not server.requests


# --- at the same time -----------------------------------------------------------------------


async def test_both_read_what_both_write_in_the_same_order(
    server: DevServer, run: TaskRun, node: Node
):
    stream = run.stream("ai")
    texts = [f"{number} " for number in range(300)]
    reading = asyncio.create_task(ours(run))
    async with sdk_of(node, inWorker=True) as program:
        program.hears(read=[run.id, "ai", {"timeoutInSeconds": 60}])
        await stream.until_readers(2)
        program.hears(pipe=True, run=run.id, key="ai", chunks=texts)
        await rxr.trigger.streams.pipe(run.id, "ai", map(str.upper, texts))
        said: list[Line] = []
        while len(said) < 601:
            said.append(await program.says())
    await run.complete()
    theirs = [line["chunk"] for line in said if "chunk" in line]
    assert await reading == theirs == stream.chunks
    assert sorted(theirs) == sorted(texts * 2)


async def test_we_go_on_after_a_cut_in_what_the_sdk_writes(
    server: DevServer, run: TaskRun, node: Node
):
    stream, faults = run.stream("ai"), server.trigger.faults.streams
    faults.drop_next(after=0)
    faults.drop_next(after=300)  # in the middle of a record
    reading = asyncio.create_task(ours(run))
    async with sdk_of(node, inWorker=True) as program:
        for part in range(3):
            texts = [f"{part}-{number}" for number in range(20)]
            program.hears(define=True, run=run.id, key="ai", chunks=texts[:2])
            assert await program.says() == {"written": True}
            program.hears(pipe=True, run=run.id, key="ai", chunks=texts[2:])
            assert await program.says() == {"written": True}
            faults.drop()
    await run.complete()
    assert await reading == [f"{part}-{n}" for part in range(3) for n in range(20)]
    assert stream.readers == 0


# --- inputs ---------------------------------------------------------------------------------


async def test_what_is_sent_to_an_input_is_the_same_whoever_sends_it(server: DevServer, node: Node):
    run, message = server.trigger.start_run(), {"approved": True, "note": "日本"}
    token = server.trigger.public_token(f"write:inputStreams:{run.id}").get_secret_value()
    async with sdk_of(node, token=token) as program:
        program.hears(send=[run.id, "approval", message])
        assert await program.says() == {"sent": True}
    await rxr.trigger.streams.send(run.id, "approval", message)
    theirs, us = run.stream("$trigger.input:approval").chunks
    assert theirs == us
    assert json.loads(us) == message
