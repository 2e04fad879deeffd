from __future__ import annotations

import asyncio
import logging

import httpx2
import pytest

from rx_realtime.server import ActedRun, DevServer, Event
from rx_realtime.wire.inngest.answers import RunState
from tests.server.clients import CHANNEL, TOPIC, http_client, listen, read


async def send(http: httpx2.AsyncClient, name: str, data: object = None) -> str:
    answer = await http.post("/e/key", json={"name": name, "data": data})
    [event_id] = answer.json()["ids"]
    return str(event_id)


def only_run(server: DevServer, event_id: str) -> ActedRun:
    [run] = server.inngest.runs.of_event(event_id)
    return run


async def test_an_event_starts_the_function_that_waits_for_it(server: DevServer):
    @server.inngest.function("demo/started")
    async def demo(run: ActedRun, event: Event) -> dict[str, object]:
        run.channel(CHANNEL)
        await run.publish(TOPIC, "working")
        return {"got": event.data, "id": event.id, "name": event.name}

    async with listen(server) as websocket, http_client(server) as http:
        event_id = await send(http, "demo/started", {"x": 1})
        said = [await read(websocket) for _ in range(3)]
    result = {"got": {"x": 1}, "id": event_id, "name": "demo/started"}
    assert [each["data"] for each in said] == [
        {"status": "running"},
        "working",
        {"status": "completed", "result": result},
    ]
    run = only_run(server, event_id)
    assert (run.function, run.state, run.output) == ("demo", RunState.COMPLETED, result)


async def test_the_decorator_returns_the_function_and_can_name_it(server: DevServer):
    async def plain(_run: ActedRun, _event: Event) -> None:
        pass

    assert server.inngest.function("a", name="another")(plain) is plain
    event = server.inngest.receive_event("a")
    await only_run(server, event.id).until_ended()
    assert only_run(server, event.id).function == "another"


async def test_every_function_that_waits_for_an_event_has_a_run_of_its_own(server: DevServer):
    for name in ("one", "two"):

        @server.inngest.function("a", name=name)
        async def _(_run: ActedRun, _event: Event) -> None:
            pass

    event = server.inngest.receive_event("a")
    assert [run.function for run in server.inngest.runs.of_event(event.id)] == ["one", "two"]
    assert server.inngest.runs.of_event(server.inngest.receive_event("b").id) == []


async def test_what_a_function_raises_fails_its_run_and_is_logged(
    server: DevServer, caplog: pytest.LogCaptureFixture
):
    @server.inngest.function("a")
    async def broken(_run: ActedRun, _event: Event) -> None:
        raise ValueError("boom")

    with caplog.at_level(logging.WARNING):
        run = only_run(server, server.inngest.receive_event("a").id)
        await run.until_ended()
    assert (run.state, run.output["message"]) == (RunState.FAILED, "boom")
    assert "of 'broken' failed" in caplog.text


async def test_a_result_that_cannot_be_said_fails_its_run(server: DevServer):
    @server.inngest.function("a")
    async def odd(_run: ActedRun, _event: Event) -> object:
        return object()

    run = only_run(server, server.inngest.receive_event("a").id)
    await run.until_ended()
    assert (run.state, run.output["name"]) == (RunState.FAILED, "PayloadError")


@pytest.mark.parametrize("raises", [False, True])
async def test_a_function_may_say_itself_how_its_run_ends(server: DevServer, raises: bool):
    @server.inngest.function("a")
    async def early(run: ActedRun, _event: Event) -> str:
        await run.complete("early")
        if raises:
            raise ValueError("too late")
        return "too late"

    run = only_run(server, server.inngest.receive_event("a").id)
    assert run.task is not None
    await run.task
    assert (run.state, run.output) == (RunState.COMPLETED, "early")


async def test_delete_cancels_the_run_and_its_task(server: DevServer):
    cancelled = asyncio.Event()

    @server.inngest.function("a")
    async def endless(run: ActedRun, _event: Event) -> None:
        try:
            await run.publish(TOPIC, "begun", channel=CHANNEL)
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with listen(server) as websocket, http_client(server) as http:
        run = only_run(server, await send(http, "a"))
        while (await read(websocket))["data"] != "begun":
            pass
        answer = await http.delete(f"/v1/runs/{run.id}")
        assert (answer.status_code, answer.content) == (200, b"")
        assert (await read(websocket))["data"] == {"status": "cancelled"}
        await cancelled.wait()
    assert run.task is not None
    await run.task
    assert (run.state, run.output) == (RunState.CANCELLED, {})


async def test_a_run_that_is_cancelled_before_it_begins_never_does(server: DevServer):
    begun = []

    @server.inngest.function("a")
    async def never(run: ActedRun, _event: Event) -> None:
        begun.append(run)

    run = only_run(server, server.inngest.receive_event("a").id)
    assert run.state is RunState.SCHEDULED
    await run.cancel()
    assert run.task is not None
    await asyncio.gather(run.task, return_exceptions=True)
    assert begun == []


async def test_a_function_can_cancel_its_own_run(server: DevServer):
    @server.inngest.function("a")
    async def quits(run: ActedRun, _event: Event) -> None:
        await run.cancel()

    run = only_run(server, server.inngest.receive_event("a").id)
    await run.until_ended()
    assert run.state is RunState.CANCELLED


async def test_runs_that_go_on_when_the_server_stops_are_cancelled():
    before = asyncio.all_tasks()
    async with DevServer() as server:

        @server.inngest.function("a")
        async def endless(_run: ActedRun, _event: Event) -> None:
            await asyncio.Event().wait()

        run = only_run(server, server.inngest.receive_event("a").id)
    assert run.task is not None
    assert run.task.done()
    assert asyncio.all_tasks() == before
