"""`inngest.realtime` end to end: a real server, the run's life, and typed results."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import reactivex as rx
from pydantic import BaseModel

import rx_realtime as rxr
from rx_realtime.server import DevServer
from tests.virtual import World

updates = rxr.updates


class Progress(BaseModel):
    percent: int


class Outcome(BaseModel):
    url: str


class Pipeline(rxr.Channel, name="pipeline:{run_id}"):
    run_id: str
    progress = rxr.Topic(Progress)


async def test_a_run_is_followed_from_its_first_message_to_its_typed_result(
    server: DevServer,
) -> None:
    pipeline = Pipeline(run_id="1")
    run = server.inngest.start_run(function="render")
    rt = rxr.inngest.realtime(pipeline, result=Outcome, api_base_url=server.url)

    async def act() -> None:
        await server.inngest.until_connections(1)
        for percent in (10, 100):
            await run.publish(pipeline.progress, Progress(percent=percent))
        await run.complete({"url": "https://example.com/1"})

    acting = asyncio.create_task(act())
    seen = [message.data.percent async for message in rt.on(Pipeline.progress)]
    await acting
    assert seen == [10, 100]
    assert await rt.result == Outcome(url="https://example.com/1")
    assert rt.current.run_status == "completed"
    assert rt.current.messages.by_topic[Pipeline.progress].data == Progress(percent=100)


async def test_a_result_that_does_not_fit_is_reported_and_the_run_is_still_over(
    server: DevServer,
) -> None:
    run = server.inngest.start_run(function="render").channel("c")
    rt = rxr.inngest.realtime("c", ["t"], result=Outcome, api_base_url=server.url)
    seen: list[rxr.Update] = []
    rt.events.subscribe(seen.append)
    await server.inngest.until_connections(1)
    await run.complete({"wrong": True})
    assert await rt.run_status == "completed"
    assert rt.current.result is None
    (invalid,) = [update for update in seen if isinstance(update, updates.Invalid)]
    assert "url" in invalid.why


@pytest.mark.parametrize("end", ["complete", "fail", "cancel"])
async def test_on_a_server_that_says_nothing_about_runs_the_rest_api_tells_their_end(
    end: str,
) -> None:
    async with DevServer(emit_run_frames=False) as server:
        run = server.inngest.start_run(function="render").channel("c")
        lifecycle = rxr.inngest.run(run.id, poll_min=0.01, api_base_url=server.url)
        rt = rxr.inngest.realtime("c", ["t"], lifecycle=lifecycle, api_base_url=server.url)

        async def act() -> None:
            await server.inngest.until_connections(1)
            await run.publish("t", "before")
            match end:
                case "complete":
                    await run.complete(42)
                case "fail":
                    await run.fail("boom")
                case _:
                    await run.cancel()

        acting = asyncio.create_task(act())
        status = await rt.run_status
        await acting
        assert status == {"complete": "completed", "fail": "failed", "cancel": "cancelled"}[end]
        assert rt.current.result == (42 if end == "complete" else None)
        assert rt.current.connection_status == "closed"
        assert [message.data for message in rt.current.messages.all] == ["before"]


async def test_what_the_server_says_about_a_run_wins_over_the_rest_api(server: DevServer) -> None:
    run = server.inngest.start_run(function="render").channel("c")
    told: rx.Subject[rxr.updates.RunChanged] = rx.Subject()
    rt = rxr.inngest.realtime(
        "c", ["t"], lifecycle=told, auto_close_on_terminal=False, api_base_url=server.url
    )
    statuses = rt.run_status.iterate()
    assert await anext(statuses) == "unknown"
    await server.inngest.until_connections(1)
    told.on_next(rxr.updates.RunChanged(rxr.RunStatus.RUNNING))
    assert await anext(statuses) == "running"
    await run.complete("said")
    assert await anext(statuses) == "completed"
    assert told.observers == []
    await statuses.aclose()


async def test_a_run_that_the_rest_api_does_not_know_is_an_error_that_the_state_shows(
    server: DevServer,
) -> None:
    unknown = rxr.inngest.run("01JGVNB7BJVRCZWTBF8G73BPJX", wait_for_run=0, api_base_url=server.url)
    rt = rxr.inngest.realtime("c", ["t"], lifecycle=unknown, api_base_url=server.url)
    with pytest.raises(rxr.NotFound):
        await rt.result
    assert isinstance(rt.current.error, rxr.NotFound)


@pytest.mark.parametrize("transport", ["websocket", "sse"])
async def test_both_transports_deliver_the_same(server: DevServer, transport: Any) -> None:
    run = server.inngest.start_run(function="f").channel("c")
    rt = rxr.inngest.realtime("c", ["t"], transport=transport, api_base_url=server.url)
    ending = asyncio.ensure_future(rt.state)
    await server.inngest.until_connections(1)
    for data in ("a", {"b": 1}, None):
        await run.publish("t", data)
    await run.complete("done")
    state = await ending
    assert [message.data for message in state.messages.all] == ["a", {"b": 1}, None]
    assert state.result == "done"


async def test_a_text_stream_is_a_datastream_whose_chunks_join_to_the_text(
    server: DevServer,
) -> None:
    run = server.inngest.start_run(function="f").channel("c")
    rt = rxr.inngest.realtime("c", ["answer"], api_base_url=server.url)
    text: list[str] = []
    ended = asyncio.Event()

    def begin(stream: rxr.Datastream) -> None:
        stream.chunks.subscribe(text.append, on_completed=ended.set)

    with rt.streams("answer").subscribe(begin):
        await server.inngest.until_connections(1)
        await run.stream("answer", ["Hé", "llo ", "😀"])
        await ended.wait()
    assert "".join(text) == "Héllo 😀"


async def test_a_subscriber_that_raises_harms_nobody_else(
    server: DevServer, caplog: pytest.LogCaptureFixture
) -> None:
    run = server.inngest.start_run(function="f").channel("c")
    rt = rxr.inngest.realtime("c", ["t"], api_base_url=server.url)
    seen: list[Any] = []
    told: list[Exception] = []

    def clumsy(message: rxr.Message[Any]) -> None:
        raise LookupError(message.data)

    rt.on("t").subscribe(clumsy, told.append)
    rt.on("t").subscribe(lambda message: seen.append(message.data))
    ending = asyncio.ensure_future(rt.result)
    await server.inngest.until_connections(1)
    for data in range(3):
        await run.publish("t", data)
    await run.complete("fine")
    assert await ending == "fine"
    assert seen == [0, 1, 2]
    assert [type(error) for error in told] == [LookupError]
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1


async def test_the_last_to_leave_disconnects(server: DevServer) -> None:
    rt = rxr.inngest.realtime("c", ["t"], api_base_url=server.url)
    one, two = rt.state.subscribe(), rt.events.subscribe()
    await server.inngest.until_connections(1)
    one.dispose()
    assert server.inngest.connections == 1
    two.dispose()
    await server.inngest.until_connections(0)
    assert rt.current.connection_status == "closed"


def test_scripts_wait_for_a_run_without_a_loop_of_their_own() -> None:
    with DevServer() as server:
        rt = rxr.inngest.realtime("c", ["t"], api_base_url=server.url)
        statuses = rt.connection_status.blocking()
        assert [next(statuses), next(statuses), next(statuses)] == ["idle", "connecting", "open"]
        rxr.inngest.publish(("c", "t"), 1, api_base_url=server.url).run(timeout=10)
        statuses.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("is_open", [False, True])
def test_what_an_option_fails_with_is_shown_before_it_ends_everything(*, is_open: bool) -> None:
    world, given, error = World(), rx.Subject[Any](), ValueError("of the caller's")
    rt = rxr.inngest.realtime(
        given, ["t"], token="k", transport=world.transport, scheduler=world.clock
    )
    states, events = list[rxr.RealtimeState[Any]](), list[rxr.Update]()
    errors = list[Exception]()
    rt.state.subscribe(states.append, errors.append)
    rt.events.subscribe(events.append, errors.append)
    given.on_next("c")
    world.wait()
    if is_open:
        world.socket.open()
    given.on_error(error)
    assert events[-1] == (updates.Closed if is_open else updates.Failed)(error)
    assert (states[-1].error, states[-1].connection_status) == (
        error,
        "closed" if is_open else "error",
    )
    assert errors == [error, error]
    assert rt.current is states[-1]
