"""Streams misbehave when told to."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from rx_realtime.server import DevServer
from tests.server.trigger.followers import client
from tests.server.trigger.stream_client import path_of, read

BREAKS = (httpx2.RemoteProtocolError, httpx2.ReadError)


async def test_requests_are_refused_as_the_vendor_does(server: DevServer):
    run = server.trigger.start_run()
    faults = server.trigger.faults.streams
    faults.refuse(503, times=2, retry_after=3, method="GET")
    faults.refuse(500)
    async with client(server) as http:
        answers = [
            *[await http.put(path_of(run, "self", "ai")) for _ in range(2)],
            *[await http.get(path_of(run, "ai")) for _ in range(2)],
        ]
    assert [answer.status_code for answer in answers] == [500, 202, 503, 503]
    assert answers[2].headers["retry-after"] == "3"


@pytest.mark.parametrize("after", [0, 1, 40, 10_000])
async def test_a_body_breaks_off_after_so_many_bytes(server: DevServer, after: int):
    """Case 49, from the other side."""
    run = server.trigger.start_run()
    await run.stream("ai").write(*["x" * 1000] * 20)
    server.trigger.faults.streams.drop_next(after=after)
    async with client(server) as http:
        async with read(http, run, "ai") as reader:
            with pytest.raises(BREAKS):
                await reader.end()
        assert len(reader.raw) == after
        async with read(http, run, "ai") as reader:
            assert len(await reader.records(20)) == 20


async def test_all_connections_break_off_and_nothing_that_is_stored_is_lost(server: DevServer):
    run = server.trigger.start_run()
    stream = run.stream("ai")
    await stream.write("a")
    async with client(server) as http, read(http, run, "ai") as reader:
        assert await reader.chunks(1) == ["a"]
        server.trigger.faults.streams.drop()
        with pytest.raises(BREAKS):
            await reader.end()
        await stream.until_readers(0)
        await stream.write("b")
        async with read(http, run, "ai", last_event_id="0") as again:
            assert await again.chunks(1) == ["b"]


async def test_a_stalled_reader_hears_nothing_until_it_is_dropped(server: DevServer):
    run = server.trigger.start_run()
    stream, faults = run.stream("ai"), server.trigger.faults.streams
    faults.stall_next()
    async with client(server) as http, read(http, run, "ai") as stalled:
        hears = asyncio.ensure_future(stalled.end())
        async with read(http, run, "ai") as reader:
            await stream.write("a")
            assert await reader.chunks(1) == ["a"]
            assert not hears.done()
            faults.stall()
            await stream.write("b")
            faults.drop()
            for each in (hears, asyncio.ensure_future(reader.end())):
                with pytest.raises(BREAKS):
                    await each
    assert stalled.raw == b""
    assert b"b" not in reader.raw[-20:]


async def test_an_error_is_said_in_the_middle(server: DevServer):
    """Case 56, from the other side."""
    run, older = server.trigger.start_run(), server.trigger.start_run(streams_version="v1")
    async with (
        client(server) as http,
        read(http, run, "ai") as reader,
        read(http, older, "ai") as other,
    ):
        server.trigger.faults.streams.fail("no\nstore")
        event = await reader.event()
        assert (event.event, event.data) == ("error", b"no store")
        await older.stream("ai").write("a")  # which knows no such event
        assert (await other.event()).data == b'"a"'


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_records_are_said_twice(server: DevServer, version: str):
    """Case 49, from the other side."""
    run = server.trigger.start_run(streams_version="v1" if version == "v1" else "v2")
    for chunk in "abcd":
        await run.stream("ai").write(chunk)
    server.trigger.faults.streams.repeat_next(2)
    last = "2" if version == "v2" else f"{run.stream('ai').records[2].at}-9"
    async with client(server) as http, read(http, run, "ai", last_event_id=last) as reader:
        assert (await reader.chunks(2))[0] in ("b", "c")


async def test_a_writer_is_cut_off_and_told_where_to_go_on(server: DevServer):
    run = server.trigger.start_run()
    path, headers = path_of(run, "self", "ai"), {"x-client-id": "w"}
    server.trigger.faults.streams.cut_next_write(after=2)
    server.trigger.faults.streams.cut_next_write()
    async with client(server) as http:
        for last in ("1", "1"):
            with pytest.raises(BREAKS):
                await http.post(path, content=b"1\n2\n3\n", headers=headers)
            answer = await http.head(path, headers=headers)
            assert answer.headers["x-last-chunk-index"] == last
        await http.post(path, content=b"3\n", headers={**headers, "x-resume-from-chunk": "2"})
    assert run.stream("ai").chunks == [1, 2, 3]


async def test_the_answer_to_a_writer_is_lost(server: DevServer):
    run = server.trigger.start_run()
    server.trigger.faults.streams.lose_next_answer()
    async with client(server) as http:
        with pytest.raises(BREAKS):
            await http.post(path_of(run, "self", "ai"), content=b"1\n2\n")
    assert run.stream("ai").chunks == [1, 2]


async def test_a_server_that_stops_breaks_off_and_keeps_everything(server: DevServer):
    run = server.trigger.start_run()
    stream = run.stream("ai")
    await stream.write("a")
    async with client(server) as http:
        async with read(http, run, "ai") as reader:
            assert await reader.chunks(1) == ["a"]
            await server.stop()
            with pytest.raises(BREAKS):
                await reader.end()
        assert stream.readers == 0
        await server.start()
        async with read(http, run, "ai") as reader:
            assert await reader.chunks(1) == ["a"]


async def test_what_was_to_go_wrong_with_streams_can_be_forgotten(server: DevServer):
    faults = server.trigger.faults
    for plan in (
        lambda: faults.streams.refuse(500),
        faults.streams.drop_next,
        faults.streams.lose_next_answer,
    ):
        plan()
        assert not faults.is_clear
        faults.clear()
        assert faults.is_clear
