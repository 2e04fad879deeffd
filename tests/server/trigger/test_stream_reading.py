"""What readers of a stream are told, byte for byte, and when; time is virtual."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from reactivex.scheduler import VirtualTimeScheduler

from rx_realtime.server import DevServer, TriggerLimits
from rx_realtime.server.trigger.stream_log import NewRecord
from tests.server.trigger.followers import client, key_of
from tests.server.trigger.stream_client import path_of, read

LINES = [NewRecord(b'"a"'), NewRecord(b'"b"')]


@pytest.fixture
def clock() -> VirtualTimeScheduler:
    return VirtualTimeScheduler()


@pytest_asyncio.fixture
async def server(clock: VirtualTimeScheduler) -> AsyncIterator[DevServer]:
    async with DevServer(trigger_scheduler=clock) as server:
        yield server


async def test_the_newer_dialect_is_as_the_real_server_speaks_it(
    server: DevServer, clock: VirtualTimeScheduler
):
    """Case 76."""
    run = server.trigger.start_run()
    stream = run.stream("ai")
    clock.advance_to(1_700_000_000)
    await stream.write("Hel", part_id="aB3xYz1")
    clock.advance_by(0.12)
    await stream.write("lo", part_id="k29fQw0")
    async with client(server) as http, read(http, run, "ai") as reader:
        event = await reader.event()
        headers = reader.response.headers
        said = [headers[name] for name in ("content-type", "x-stream-version", "cache-control")]
    assert said == ["text/event-stream", "v2", "no-cache"]
    assert (event.event, event.id.split(",")[:2]) == ("batch", ["0", "2"])
    assert json.loads(event.data) == {
        "records": [
            {"seq_num": 0, "timestamp": 1_700_000_000_000, "body": '{"data":"Hel","id":"aB3xYz1"}'},
            {"seq_num": 1, "timestamp": 1_700_000_000_120, "body": '{"data":"lo","id":"k29fQw0"}'},
        ],
        "tail": {"seq_num": 2, "timestamp": 1_700_000_000_120},
    }


async def test_the_older_dialect_is_as_the_real_server_speaks_it(
    server: DevServer, clock: VirtualTimeScheduler
):
    run = server.trigger.start_run(streams_version="v1")
    stream = run.stream("ai")
    clock.advance_to(1_700_000_000)
    stream.store(LINES)
    await stream.write({"n": 1})
    clock.advance_by(1)
    await stream.write("c")
    async with client(server) as http, read(http, run, "ai") as reader:
        await reader.chunks(4)
        assert "x-stream-version" not in reader.response.headers
    assert reader.raw == (
        b'id: 1700000000000-0\ndata: "a"\n\nid: 1700000000000-0\ndata: "b"\n\n'
        b'id: 1700000000000-1\ndata: {"n":1}\n\nid: 1700000001000-0\ndata: "c"\n\n'
    )


@pytest.mark.parametrize(
    ("version", "last", "chunks"),
    [
        ("v2", "1", ["c", "d"]),
        ("v2", "1-7", ["c", "d"]),
        ("v2", "nonsense", ["a", "b", "c", "d"]),
        ("v2", "99", ["d"]),  # beyond the end is at the end
        ("v1", "1000-0", ["c", "d"]),  # "a" and "b" were stored together
        ("v1", "999-9", ["a", "b", "c", "d"]),
        ("v1", "1000", ["c", "d"]),
        ("v1", "nonsense", ["a", "b", "c", "d"]),
    ],
)
async def test_a_reader_goes_on_after_what_they_have(
    server: DevServer, clock: VirtualTimeScheduler, version: Any, last: str, chunks: list[str]
):
    """Case 76."""
    run = server.trigger.start_run(streams_version=version)
    stream = run.stream("ai")
    clock.advance_to(1)
    stream.store(LINES)
    await stream.write("c")
    async with client(server) as http, read(http, run, "ai", last_event_id=last) as reader:
        await stream.until_readers(1)
        await stream.write("d")
        assert await reader.chunks(len(chunks)) == chunks


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_the_latest_is_what_comes_next_and_a_last_id_wins_over_it(
    server: DevServer, version: Any
):
    """Cases 58 and 76, from the other side."""
    run = server.trigger.start_run(streams_version=version)
    stream = run.stream("ai")
    await stream.write("a", "b")
    latest = {"x_trigger_stream_start": "latest"}
    async with (
        client(server) as http,
        read(http, run, "ai", **latest) as reader,
        read(http, run, "ai", last_event_id="0", **latest) as resumed,
    ):
        await stream.until_readers(2)
        if version == "v2":  # where that is, for who breaks off before anything came
            assert json.loads((await reader.event()).data)["tail"]["seq_num"] == 2
        await stream.write("c")
        assert await reader.chunks(1) == ["c"]
        assert (await resumed.chunks(1))[0] in ("a", "b")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("soon", "Invalid timeout seconds"),
        ("1.5", "Invalid timeout seconds"),
        ("-1", "Timeout seconds must be greater than 0"),
        ("601", "Timeout seconds must be less than 600"),
    ],
)
async def test_a_timeout_is_a_whole_number_up_to_600(server: DevServer, given: str, text: str):
    """Case 76."""
    run = server.trigger.start_run()
    async with client(server) as http:
        answer = await http.get(path_of(run, "ai"), headers={"timeout-seconds": given})
    assert (answer.status_code, answer.text) == (400, text)


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(("given", "seconds"), [("7", 7), ("600", 600), ("0", 60), (None, 60)])
async def test_a_body_ends_when_nothing_was_written_for_as_long_as_the_reader_said(
    server: DevServer, clock: VirtualTimeScheduler, version: Any, given: str | None, seconds: int
):
    """Case 76."""
    run = server.trigger.start_run(streams_version=version)
    stream = run.stream("ai")
    said = {} if given is None else {"timeout_seconds": given}
    async with client(server) as http, read(http, run, "ai", **said) as reader:
        await stream.until_read()
        clock.advance_by(seconds - 0.5)
        await stream.write("a")
        assert await reader.chunks(1) == ["a"]
        await stream.until_read()
        clock.advance_by(seconds - 0.5)  # since the record
        await stream.until_read()
        assert stream.readers == 1
        clock.advance_by(1)
        assert [event for event in await reader.end() if event.event == "batch"] == []
    await stream.until_readers(0)


async def test_readers_are_told_now_and_then_that_we_are_there_and_it_does_not_count(
    server: DevServer, clock: VirtualTimeScheduler
):
    run, older = server.trigger.start_run(), server.trigger.start_run(streams_version="v1")
    async with (
        client(server) as http,
        read(http, run, "ai", timeout_seconds="25") as reader,
        read(http, older, "ai", timeout_seconds="25") as other,
    ):
        for at in (10, 20):
            await run.stream("ai").until_read()
            await older.stream("ai").until_read()
            clock.advance_by(10)
            if at == 10:
                event = await reader.event()
                assert (event.event, json.loads(event.data)) == ("ping", {"timestamp": 10_000})
        clock.advance_by(5)
        await asyncio.gather(reader.end(), other.end())
    assert b": ping\n\n" in other.raw
    assert b"data" not in other.raw


async def test_control_records_and_commands_have_headers_and_a_number(server: DevServer):
    run = server.trigger.start_run()
    stream = run.stream("ai")
    await stream.write("a")
    await stream.control("turn-complete", last_event_id="3")
    await stream.command("trim")
    async with client(server) as http, read(http, run, "ai") as reader:
        _, control, command = await reader.records(3)
    named = [["trigger-control", "turn-complete"], ["last-event-id", "3"]]
    assert (control["seq_num"], control["body"], control["headers"]) == (1, "", named)
    assert (command["seq_num"], command["headers"]) == (2, [["", "trim"]])
    assert stream.chunks == ["a"]


async def test_a_reader_more_than_there_may_be_is_sent_away():
    limits = TriggerLimits(max_readers=1)
    async with DevServer(trigger_limits=limits) as server, client(server) as http:
        run = server.trigger.start_run()
        async with read(http, run, "ai"):
            answer = await http.get(path_of(run, "b"))
            assert answer.status_code == 429
        await run.stream("ai").until_readers(0)


async def test_one_who_does_not_read_delays_nobody_and_is_kept_nothing_for():
    limits = TriggerLimits(max_stream_bytes=1024 * 1024)
    async with DevServer(trigger_limits=limits) as server, client(server) as http:
        run = server.trigger.start_run()
        stream = run.stream("ai")
        asked = f"GET {path_of(run, 'ai')} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        asked += f"authorization: {key_of(server)['authorization']}\r\n\r\n"
        stuck, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        writer.write(asked.encode())
        await stream.until_readers(1)
        async with read(http, run, "ai") as reader:
            for number in range(200):  # 20 MB, of which one is kept
                await stream.write([number, "x" * 100_000])
                assert (await reader.chunks(1))[0][0] == number
        await stream.until_readers(1)
        # Now they do read: what was on its way, and then what is kept.
        text, came = b"", 0
        while b"[199," not in text:
            piece = await stuck.read(1024 * 1024)
            text, came = text[-10:] + piece, came + len(piece)
        writer.close()
        await writer.wait_closed()
        await stream.until_readers(0)
        assert came < 16_000_000  # the most of it from buffers of the system
