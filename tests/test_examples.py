"""Each example runs, as a reader would run it, and shows what it says it shows."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import uvicorn

from rx_realtime.cli.pipeline import Talk, publish_talk
from rx_realtime.server import DevServer, TaskRun
from rx_realtime.server.inngest import ActedRun, Event

EXAMPLES = Path(__file__).parent.parent / "examples"
PACE = 30.0


@pytest.fixture
async def talks(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DevServer]:
    """What `rx-realtime serve` runs, in a hurry."""
    async with DevServer() as server:

        @server.inngest.function("demo/started")
        async def act(run: ActedRun, event: Event) -> object:
            talk = Talk(talk_id=event.data["id"])
            run.channel(talk)
            return (await publish_talk(run, talk, pace=PACE)).model_dump()

        monkeypatch.setenv("INNGEST_DEV", server.url)
        yield server


@pytest.fixture
async def trigger(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DevServer]:
    """A dev server, and the variables that name it."""
    async with DevServer() as server:
        monkeypatch.setenv("TRIGGER_API_URL", server.url)
        monkeypatch.setenv("TRIGGER_SECRET_KEY", server.trigger.secret_key.get_secret_value())
        yield server


class Backend(uvicorn.Server):
    """Says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@asynccontextmanager
async def backend(app: str) -> AsyncIterator[str]:
    """Serve an example, and give its URL."""
    server = Backend(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    try:
        await server.is_up.wait()
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def run_example(name: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-Werror",
        str(EXAMPLES / name),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("follow_run.py", ["[open]", "98 %", "completed", "Values in time"]),
        ("wait_in_ci.py", ["waiting for", "completed"]),
        ("many_runs.py", ["monday 100 %  tuesday 100 %  wednesday 100 %"]),
        ("stream_answer.py", ["The talk begins with a plain idea", "clocks that tests can turn."]),
        ("compose_views.py", ["made: ", "result: {"]),
    ],
)
@pytest.mark.usefixtures("talks")
async def test_an_example_shows_what_it_says(name: str, shown: list[str]) -> None:
    code, out = await run_example(name)
    assert code == 0, out
    for text in shown:
        assert text in out
    assert "Error" not in out
    assert "Traceback" not in out


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("batch_progress.py", ["██████████░░░░░░░░░░  50% EXECUTING", "100% COMPLETED"]),
        ("trigger_and_wait.py", [" COMPLETED after ", ": {'item': 1}"]),
    ],
)
async def test_an_example_of_trigger_shows_what_it_says(
    name: str, shown: list[str], trigger: DevServer
) -> None:
    polls = trigger.trigger.polls

    @trigger.trigger.task("demo")
    async def act(run: TaskRun, payload: object) -> object:
        await polls.until(1)
        await run.set_metadata({"progress": {"percentage": 50}})
        await polls.until(0)  # it is told …
        await polls.until(1)  # … and what comes next is asked for
        return payload

    code, out = await run_example(name)
    assert code == 0, out
    for text in shown:
        assert text in out
    assert "Traceback" not in out


async def test_the_example_of_a_stream_needs_no_server_and_no_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TRIGGER_SECRET_KEY", raising=False)
    monkeypatch.delenv("TRIGGER_API_URL", raising=False)
    code, out = await run_example("stream_trigger.py")
    assert (code, out.splitlines()[1:]) == (0, ["[COMPLETED]"]), out
    assert out.startswith("A stream is a log: who comes late, or comes back, has missed nothing.")


async def test_the_example_of_a_stream_streams_from_the_project_that_the_key_is_for(
    trigger: DevServer,
) -> None:
    @trigger.trigger.task("answer")
    async def act(run: TaskRun, payload: dict[str, str]) -> None:
        stream = run.stream("ai")
        await stream.until_readers(1)
        for piece in ("You asked: ", payload["question"]):
            await stream.write(piece)

    code, out = await run_example("stream_trigger.py")
    assert (code, out) == (0, "You asked: What is a stream?\n[COMPLETED]\n")


async def test_an_example_test_passes() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", EXAMPLES / "test_a_run.py"
    )
    assert await process.wait() == 0


async def test_the_example_backend_forwards_a_run_and_leaves_with_the_browser(
    talks: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    run = talks.inngest.start_run(function="talk").channel("talk:1")
    async with backend("forward_to_browser:app") as url, httpx2.AsyncClient() as client:
        page = f"{url}/talks/1"
        async with client.stream("GET", page) as response:  # a browser that leaves
            await talks.inngest.until_connections(1)
            assert (await anext(response.aiter_lines())).startswith("data: {")
        await talks.inngest.until_connections(0)

        async with client.stream("GET", page) as response:  # … and one that stays
            await talks.inngest.until_connections(1)
            await run.publish("status", {"message": "x", "percent": 7})
            await run.complete("the end")
            lines = [line async for line in response.aiter_lines()]
    assert any('"percent": 7' in line for line in lines)
    assert lines[-3:-1] == ["event: result", 'data: "the end"']


async def test_the_example_backend_forwards_a_stream_and_leaves_it_with_the_browser(
    trigger: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    run = trigger.trigger.start_run()
    stream = run.stream("ai")
    await stream.write("once ", "upon ")
    async with backend("forward_stream:app") as url, httpx2.AsyncClient() as client:
        page = f"{url}/runs/{run.id}/answer"
        async with client.stream("GET", page) as response:  # a browser that leaves
            lines = response.aiter_lines()
            first = [await anext(lines) for _ in range(2)]
            assert first[1] == 'data: "once "'
            await stream.until_readers(1)
            await trigger.trigger.polls.until(1)
        await stream.until_readers(0)
        await trigger.trigger.polls.until(0)

        back = {"last-event-id": first[0].removeprefix("id: ")}  # … and comes back
        async with client.stream("GET", page, headers=back) as response:
            await stream.write("a time")
            await run.complete()
            seen = [line async for line in response.aiter_lines() if line.startswith("data")]
    assert seen == ['data: "upon "', 'data: "a time"', "data:"]


def test_every_example_is_short_and_is_run_by_a_test() -> None:
    source = Path(__file__).read_text()
    for example in EXAMPLES.glob("*.py"):
        assert len(example.read_text().splitlines()) <= 50, example.name
        assert example.stem in source, example.name
