"""Our own readers and writers of streams on our own server, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import BaseModel

import rx_realtime as rxr
from rx_realtime.models import Chunk, Gap, StreamClosed
from rx_realtime.server import TriggerLimits
from rx_realtime.server.trigger.stream_log import NewRecord
from tests.sources.trigger.at_home import SOON, Home, all_of, at_home

trigger = rxr.trigger
streams = trigger.streams

MIB = 1024 * 1024
VERSIONS = pytest.mark.parametrize("version", ["v1", "v2"])


class Part(BaseModel):
    number: int
    text: str = ""


Ai = streams.define("ai", Part)


@pytest_asyncio.fixture
async def home(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Home]:
    async with at_home(monkeypatch) as home:
        yield home


@VERSIONS
async def test_what_is_piped_appended_and_written_is_read_until_the_run_is_over(
    home: Home, version: Any
):
    run = home.server.trigger.start_run(streams_version=version)
    reading = asyncio.ensure_future(all_of(Ai.read(run.id)))
    assert await Ai.pipe(run.id, (Part(number=n) for n in range(2500))) == 2500
    assert await Ai.append(run.id, Part(number=2500)) == 1
    async with Ai.writer(run.id) as writer:
        await writer.write(Part(number=2501))
        await writer.merge([Part(number=2502), Part(number=2503)])
    await run.complete()
    read = await home.finished(asyncio.wait_for(reading, 20), run.stream("ai"))
    assert [part.number for part in read] == [*range(2504)]
    assert run.row.realtime_streams == ("ai",)


@VERSIONS
async def test_a_run_that_is_over_can_be_read_from_anywhere(home: Home, version: Any):
    run = home.server.trigger.start_run(streams_version=version)
    stream = run.stream("ai")
    for number in range(6):
        await stream.write(number)
    await run.complete()
    updates = await home.finished(all_of(streams.subscribe(run.id, "ai")), stream)
    chunks = [each for each in updates if isinstance(each, Chunk)]
    assert [each.data for each in chunks] == [*range(6)]
    assert updates[-1] == StreamClosed("ai", "ai")
    after = streams.read(run.id, "ai", after=chunks[2].id)
    assert await home.finished(all_of(after), stream) == [3, 4, 5]
    third = streams.read(run.id, "ai", start_index=3)
    assert await home.finished(all_of(third), stream) == [2, 3, 4, 5]


@VERSIONS
async def test_the_latest_is_what_comes_next(home: Home, version: Any):
    run = home.server.trigger.start_run(streams_version=version)
    stream = run.stream("ai")
    await stream.write("old")
    reading = streams.read(run.id, "ai", from_="latest", wait=SOON).iterate()
    first = asyncio.ensure_future(anext(reading))
    await stream.until_readers(1)
    await stream.write("new")
    assert await first == "new"
    home.server.trigger.faults.streams.drop()
    await stream.until_readers(0)
    await stream.write("newer")
    assert await anext(reading) == "newer"
    await reading.aclose()


async def test_the_latest_is_kept_over_a_break_before_anything_came(home: Home):
    run = home.server.trigger.start_run()
    stream = run.stream("ai")
    await stream.write("old")
    reading = streams.read(run.id, "ai", from_="latest", wait=SOON).iterate()
    first = asyncio.ensure_future(anext(reading))
    await stream.until_read()
    home.server.trigger.faults.streams.refuse(503, method="GET", times=3)
    home.server.trigger.faults.streams.drop()
    await stream.until_readers(0)
    await stream.write("new")
    await stream.until_read()
    assert await first == "new"
    await reading.aclose()


async def test_a_message_reaches_the_input_stream_of_a_run(home: Home):
    run = home.server.trigger.start_run()
    await streams.send(run.id, "approval", {"ok": True})
    assert run.stream("$trigger.input:approval").chunks == ['{"ok":true}']


@VERSIONS
async def test_a_run_and_its_streams_are_one_realtime(home: Home, version: Any):
    run = home.server.trigger.start_run(streams_version=version)
    rt = trigger.realtime(run.id, streams=[Ai])
    async with rt:
        messages = asyncio.ensure_future(all_of(rt.on(Ai)))
        await run.stream("ai").until_readers(1)
        await run.stream("ai").write({"number": 1}, {"number": 2, "text": "b"})
        await run.set_status("EXECUTING")
        await run.complete("done")
        read = await home.finished(asyncio.wait_for(messages, 20), run.stream("ai"))
        assert [message.data for message in read] == [Part(number=1), Part(number=2, text="b")]
        assert await rt.result == "done"


async def test_streams_are_found_as_a_run_announces_them(home: Home):
    run = home.server.trigger.start_run()
    rt = trigger.realtime(run.id, with_streams=True)
    events = asyncio.ensure_future(all_of(rt.events))
    await run.stream("log").write("begun")  # in the server's process, as if it were the task
    await streams.append(run.id, "ai", {"number": 1})
    await run.stream("log").until_read()
    await run.stream("ai").until_read()
    await streams.append(run.id, "log", "going on")
    await run.complete()
    seen = await home.finished(asyncio.wait_for(events, 20), run.stream("ai"), run.stream("log"))
    chunks = [(each.topic, each.data) for each in seen if isinstance(each, Chunk)]
    assert sorted(chunks, key=str) == [
        ("ai", {"number": 1}), ("log", "begun"), ("log", "going on"),
    ]  # fmt: skip
    assert run.row.realtime_streams == ("log", "ai")


async def test_a_writer_who_is_cut_off_sends_again_what_did_not_arrive(home: Home):
    run = home.server.trigger.start_run()
    faults = home.server.trigger.faults.streams
    faults.refuse(503, method="PUT", times=2)
    for after in (0, 1, 700, 999):
        faults.cut_next_write(after=after)
    faults.lose_next_answer(times=2)
    numbers = (Part(number=n) for n in range(3000))
    assert await streams.pipe(run.id, Ai, numbers, wait=SOON) == 3000
    assert [chunk["number"] for chunk in run.stream("ai").chunks] == [*range(3000)]
    assert faults.is_clear


async def test_what_is_no_longer_kept_is_said_to_be_missing(home: Home):
    run = home.server.trigger.start_run()
    stream = run.stream("ai")
    await stream.write("a")
    home.clock.advance_by(5)
    seen = list[Any]()
    reading = streams.subscribe(run.id, "ai", wait=SOON).subscribe(seen.append)
    await stream.until_read()
    home.server.trigger.faults.streams.drop()
    await stream.until_readers(0)
    for chunk in "bcd":
        await stream.write(chunk)
    stream.trim(kept=1)
    await stream.until_read()
    await run.complete()
    while not any(isinstance(each, StreamClosed) for each in seen):
        home.clock.advance_by(1.001)
        await asyncio.sleep(0)
    reading.dispose()
    kinds = [each for each in seen if isinstance(each, Chunk | Gap)]
    assert [each.data if isinstance(each, Chunk) else each.reason for each in kinds] == [
        "a", "trimmed", "d",
    ]  # fmt: skip


@pytest.mark.parametrize("after", [*range(1, 220, 13)])
async def test_lines_that_were_stored_together_all_arrive_wherever_it_breaks_off(
    home: Home, after: int
):
    run = home.server.trigger.start_run(streams_version="v1")
    stream = run.stream("ai")
    await stream.write("a")
    stream.store([NewRecord(b'"%d"' % number) for number in range(5)])
    await stream.write("z")
    home.server.trigger.faults.streams.drop_next(after=after)
    await run.complete()
    reading = all_of(streams.read(run.id, "ai", wait=SOON))
    assert await home.finished(reading, stream) == ["a", *"01234", "z"]


async def test_many_readers_are_told_the_same_though_some_are_dropped(home: Home):
    run = home.server.trigger.start_run()
    stream, faults = run.stream("ai"), home.server.trigger.faults.streams
    readers = [all_of(streams.read(run.id, "ai", wait=SOON)) for _ in range(25)]
    reading = asyncio.gather(*readers)
    await stream.until_readers(25)
    for number in range(30):
        if number % 10 == 5:
            faults.drop_next(times=5, after=number * 40)
            faults.drop()
        await stream.write(number)
    await run.complete()
    faults.clear()
    read = await home.finished(asyncio.wait_for(reading, 25), stream)
    assert read == [[*range(30)]] * 25


async def test_a_record_of_almost_a_mebibyte_arrives(home: Home):
    run = home.server.trigger.start_run()
    text = "é" * 500_000
    assert await Ai.append(run.id, Part(number=1, text=text)) == 1
    await run.complete()
    reading = all_of(Ai.read(run.id))
    assert await home.finished(reading, run.stream("ai")) == [Part(number=1, text=text)]


def memory() -> int:
    """How much of the machine's memory this process has, in bytes."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="nobody says what memory it has")
async def test_a_hundred_megabytes_pass_through_in_less_than_the_half_of_them(
    monkeypatch: pytest.MonkeyPatch,
):
    limits = TriggerLimits(max_stream_bytes=8 * MIB)
    text, taken, asked = "x" * (MIB // 4), 0, asyncio.Event()

    async def parts() -> AsyncIterator[Part]:
        for number in range(400):
            while number - taken > 16:  # half of what the server keeps
                asked.clear()
                await asked.wait()
            yield Part(number=number, text=text)

    async with at_home(monkeypatch, limits) as home:
        run = home.server.trigger.start_run()
        reading = Ai.read(run.id).iterate(buffer=8)
        before, most = memory(), 0
        writing = asyncio.ensure_future(Ai.pipe(run.id, parts()))
        while taken < 400:
            part = await anext(reading)
            assert (part.number, len(part.text)) == (taken, MIB // 4)
            taken += 1
            asked.set()
            most = max(most, memory() - before)
        assert await writing == 400
        await reading.aclose()
    assert most < 50 * MIB


async def test_runs_that_we_trigger_keep_their_streams_in_the_newer_dialect(home: Home):
    await trigger.trigger("any", {})
    await trigger.batch_trigger([("any", {}), ("any", {})])
    assert [run.streams_version for run in home.server.trigger.runs] == ["v2"] * 3
