"""Each example runs, as a reader would run it, and shows what it says it shows."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
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


class Backend(uvicorn.Server):
    """Says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


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
    name: str, shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with DevServer() as server:

        @server.trigger.task("demo")
        async def act(run: TaskRun, payload: object) -> object:
            await server.trigger.polls.until(1)
            await run.set_metadata({"progress": {"percentage": 50}})
            await server.trigger.polls.until(0)  # it is told …
            await server.trigger.polls.until(1)  # … and what comes next is asked for
            return payload

        monkeypatch.setenv("TRIGGER_API_URL", server.url)
        monkeypatch.setenv("TRIGGER_SECRET_KEY", server.trigger.secret_key.get_secret_value())
        code, out = await run_example(name)
    assert code == 0, out
    for text in shown:
        assert text in out
    assert "Traceback" not in out


async def test_an_example_test_passes() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", EXAMPLES / "test_a_run.py"
    )
    assert await process.wait() == 0


async def test_the_example_backend_forwards_a_run_and_leaves_with_the_browser(
    talks: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    config = uvicorn.Config("forward_to_browser:app", port=0, log_level="warning", lifespan="off")
    backend = Backend(config)
    serving = asyncio.create_task(backend.serve())
    run = talks.inngest.start_run(function="talk").channel("talk:1")
    try:
        await backend.is_up.wait()
        port = backend.servers[0].sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/talks/1"
        async with httpx2.AsyncClient() as client:
            async with client.stream("GET", url) as response:  # a browser that leaves
                await talks.inngest.until_connections(1)
                assert (await anext(response.aiter_lines())).startswith("data: {")
            await talks.inngest.until_connections(0)

            async with client.stream("GET", url) as response:  # … and one that stays
                await talks.inngest.until_connections(1)
                await run.publish("status", {"message": "x", "percent": 7})
                await run.complete("the end")
                lines = [line async for line in response.aiter_lines()]
        assert any('"percent": 7' in line for line in lines)
        assert lines[-3:-1] == ["event: result", 'data: "the end"']
    finally:
        backend.should_exit = True
        await serving


def test_every_example_is_short_and_is_run_by_a_test() -> None:
    source = Path(__file__).read_text()
    for example in EXAMPLES.glob("*.py"):
        assert len(example.read_text().splitlines()) <= 50, example.name
        assert example.stem in source, example.name
