from __future__ import annotations

import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel

from rx_realtime.errors import LocalError, OptionError, PayloadError
from rx_realtime.models import Channel, RunChanged, RunStatus, Topic, Update
from rx_realtime.server import ActedRun, DevServer
from rx_realtime.wire.inngest import InngestWire
from rx_realtime.wire.inngest.answers import RunState
from rx_realtime.wire.inngest.api import MAX_PAYLOAD
from tests.server.clients import CHANNEL, TOPIC, listen, read, read_data


class Status(BaseModel):
    step: int


class Pipeline(Channel, name="pipeline:{run_id}"):
    run_id: str
    status = Topic(Status)
    logs = Topic(str)


async def test_a_run_tells_its_channel_how_it_stands(server: DevServer):
    async with listen(server) as websocket:
        run = server.inngest.start_run("demo", channel=CHANNEL)
        await run.complete({"answer": 42})
        running, completed = await read(websocket), await read(websocket)
    assert running["data"] == {"status": "running"}
    assert completed["data"] == {"status": "completed", "result": {"answer": 42}}
    for frame in (running, completed):
        assert (frame["kind"], frame["channel"], frame["topic"]) == ("run", CHANNEL, "$run")
        assert (frame["run_id"], frame["fn_slug"]) == (run.id, "demo")


@pytest.mark.parametrize("topics", [["anything"], ["$run"], ["a", "b", "$run"]])
async def test_whoever_listens_to_any_topic_of_the_channel_is_told_once(
    server: DevServer, topics: list[str]
):
    async with listen(server, *topics) as websocket:
        run = server.inngest.start_run(channel=CHANNEL)
        await run.complete()
        await run.publish(topics[0], "after it")
        said = [await read_data(websocket) for _ in range(3)]
        assert [said[0]["status"], said[1]["status"], said[2]] == [
            *("running", "completed", "after it")
        ]


async def test_whoever_listens_to_another_channel_is_told_nothing(server: DevServer):
    async with listen(server, channel="another") as websocket:
        await server.inngest.start_run(channel=CHANNEL).complete()
        server.inngest.send_raw("another", "the end")
        assert await websocket.recv() == "the end"


async def test_the_channel_named_as_the_run_is_told_too(server: DevServer):
    run = server.inngest.start_run()
    async with listen(server, "$run", channel=run.id) as websocket:
        await run.complete()
        assert (await read(websocket))["channel"] == run.id


async def test_a_channel_that_is_given_later_is_told_at_once_and_only_once(server: DevServer):
    async with listen(server) as websocket:
        run = server.inngest.start_run()
        assert run.channel(CHANNEL) is run
        run.channel(CHANNEL)
        await run.complete()
        said = [(await read_data(websocket))["status"] for _ in range(2)]
        assert said == ["running", "completed"]


@pytest.mark.parametrize(
    ("act", "status", "state"),
    [
        (lambda run: run.complete("x"), RunStatus.COMPLETED, "Completed"),
        (lambda run: run.fail(ValueError("boom")), RunStatus.FAILED, "Failed"),
        (lambda run: run.fail("boom"), RunStatus.FAILED, "Failed"),
        (lambda run: run.cancel(), RunStatus.CANCELLED, "Cancelled"),
    ],
)
async def test_our_own_wire_understands_how_a_run_ended(
    server: DevServer, act: Any, status: RunStatus, state: str
):
    wire = InngestWire(server.url, CHANNEL, {TOPIC: None})
    updates: list[Update] = []
    async with listen(server) as websocket:
        run = server.inngest.start_run(channel=CHANNEL)
        await act(run)
        for _ in range(2):
            wire, new = wire.receive(await websocket.recv(decode=False))
            updates += new
    changes = [update for update in updates if isinstance(update, RunChanged)]
    assert [change.status for change in changes] == [RunStatus.RUNNING, status]
    assert run.state == state
    assert run.ended_at is not None
    await run.until_ended()


async def test_a_failure_names_the_error_as_the_vendors_sdks_do(server: DevServer):
    async with listen(server) as websocket:
        run = server.inngest.start_run(channel=CHANNEL)
        await run.fail(KeyError("boom"))
        await read(websocket)
        assert (await read_data(websocket))["error"] == {
            "__serialized": True,
            "name": "KeyError",
            "message": "'boom'",
            "stack": "KeyError: 'boom'",
        }


@pytest.mark.parametrize(
    "act", [ActedRun.complete, ActedRun.cancel, lambda run: run.fail("x"), lambda run: run.start()]
)
async def test_a_run_that_is_over_stays_as_it_is(server: DevServer, act: Any):
    run = server.inngest.start_run()
    await run.complete("first")
    with pytest.raises(LocalError, match="is over: it is Completed"):
        await act(run)
    assert (run.state, run.output) == (RunState.COMPLETED, "first")


async def test_a_server_may_be_told_to_emit_no_run_frames_like_the_open_source_one():
    async with DevServer(emit_run_frames=False) as server, listen(server) as websocket:
        run = server.inngest.start_run(channel=CHANNEL)
        await run.step("a")
        await run.publish(TOPIC, "only this")
        await run.complete()
        server.inngest.send_raw(CHANNEL, "the end")
        assert await read_data(websocket) == "only this"
        assert await websocket.recv() == "the end"
        assert run.state is RunState.COMPLETED


async def test_a_run_publishes_on_topics_given_in_every_form(server: DevServer):
    pipeline = Pipeline(run_id="1")
    async with listen(server, "status", "logs") as websocket:
        run = server.inngest.start_run(channel=pipeline)
        await run.publish(pipeline.status, Status(step=1))
        await run.publish(Pipeline.status, Status(step=2))
        await run.publish("status", {"step": 3}, metadata=Status(step=1))
        await run.publish("logs", "a line", channel=pipeline)
        assert (await read(websocket))["kind"] == "run"
        said = [await read(websocket) for _ in range(4)]
    assert [(each["topic"], each["data"]) for each in said] == [
        ("status", {"step": 1}),
        ("status", {"step": 2}),
        ("status", {"step": 3}),
        ("logs", "a line"),
    ]
    assert {each["run_id"] for each in said} == {run.id}
    assert said[2]["metadata"] == {"step": 1}


async def test_publishing_needs_a_channel(server: DevServer):
    run = server.inngest.start_run()
    with pytest.raises(OptionError, match="the run has no channel"):
        await run.publish(TOPIC, 1)
    await run.publish(TOPIC, 1, channel=CHANNEL)
    await run.publish(TOPIC, 2)
    assert [each.channel for each in server.inngest.published] == [CHANNEL, CHANNEL]


async def test_what_cannot_be_published_is_an_error_and_nothing_is_sent(server: DevServer):
    run = server.inngest.start_run(channel=CHANNEL)
    with pytest.raises(PayloadError, match="does not fit topic 'status'"):
        await run.publish(Pipeline.status, {"step": "x"})  # type: ignore[misc]
    with pytest.raises(PayloadError, match="cannot be said in JSON"):
        await run.publish(TOPIC, object())
    with pytest.raises(PayloadError, match="cannot be said in JSON"):
        await run.publish(TOPIC, "\ud800")
    with pytest.raises(PayloadError, match=f"over the limit of {MAX_PAYLOAD}"):
        await run.publish(TOPIC, "x" * MAX_PAYLOAD)
    with pytest.raises(PayloadError):
        await run.complete(object())
    assert server.inngest.published == ()
    assert run.state is RunState.RUNNING


async def test_what_is_no_number_is_null(server: DevServer):
    await server.inngest.start_run(channel=CHANNEL).publish(TOPIC, [math.nan, math.inf])
    assert server.inngest.published[0].data == [None, None]


async def some(*pieces: str) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


@pytest.mark.parametrize(
    ("text", "chunks"),
    [
        ("one piece", ["one piece"]),
        (["two ", "pieces"], ["two ", "pieces"]),
        (some("as ", "they ", "come"), ["as ", "they ", "come"]),
        ("é" * 1000, ["é" * 512, "é" * 488]),
        ([], []),
    ],
)
async def test_a_run_streams_text(server: DevServer, text: Any, chunks: list[str]):
    async with listen(server) as websocket:
        run = server.inngest.start_run(channel=CHANNEL)
        await run.stream(TOPIC, text, metadata={"m": 1})
        assert (await read(websocket))["kind"] == "run"
        start = await read(websocket)
        said = [await read(websocket) for _ in chunks]
        end = await read(websocket)
    assert start == {**end, "kind": "datastream-start"}
    assert (end["kind"], end["run_id"], end["metadata"]) == ("datastream-end", run.id, {"m": 1})
    assert [each["data"] for each in said] == chunks
    assert {each["stream_id"] for each in said} <= {start["data"]}


async def test_a_stream_whose_source_raises_ends(server: DevServer):
    async def broken() -> AsyncIterator[str]:
        yield "some"
        raise ValueError("mine")

    async with listen(server) as websocket:
        run = server.inngest.start_run(channel=CHANNEL)
        with pytest.raises(ValueError, match="mine"):
            await run.stream(TOPIC, broken())
        kinds = [(await read(websocket))["kind"] for _ in range(4)]
        assert kinds == ["run", "datastream-start", "chunk", "datastream-end"]


async def test_a_run_tells_its_channels_about_its_steps(server: DevServer):
    async with listen(server) as websocket:
        run = server.inngest.start_run(channel=CHANNEL)
        await run.step("fetch", {"rows": 3})
        await run.step("store", status="failed")
        await read(websocket)
        said = [await read(websocket) for _ in range(2)]
    assert [each["data"] for each in said] == [
        {"name": "fetch", "status": "completed", "output": {"rows": 3}},
        {"name": "store", "status": "failed", "output": None},
    ]
    assert {(each["kind"], each["topic"]) for each in said} == {("step", "$step")}
