"""What the README says runs: its Python blocks, one after the other, as a reader types them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import AsyncIterator
from inspect import CO_COROUTINE
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from rx_realtime.server import DevServer
from rx_realtime.server.inngest import ActedRun, Event
from rx_realtime.server.trigger import TaskRun

README = Path(__file__).parent.parent / "README.md"
INTEROP = Path(__file__).parent / "interop"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
async def _video_server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A server on which an uploaded video is worked on as soon as somebody listens."""
    async with DevServer() as server:

        @server.inngest.function("video/uploaded")
        async def work(run: ActedRun, event: Event) -> object:
            video = f"video:{event.data['id']}"
            run.channel(video)
            await server.inngest.until_connections(1)
            for percent in (0, 50, 100):
                await run.publish("progress", {"percent": percent}, channel=video)
            await run.stream("summary", ["A film ", "about ", "bread."], channel=video)
            return {"url": "https://example.com/42.mp4"}

        @server.trigger.task("render")
        async def render(run: TaskRun, payload: Any) -> object:
            await server.trigger.polls.until(1)
            await run.set_metadata({"percent": 100})
            return {"url": f"https://example.com/{payload['id']}.mp4"}

        monkeypatch.setenv("INNGEST_DEV", server.url)
        monkeypatch.setenv("TRIGGER_API_URL", server.url)
        monkeypatch.setenv("TRIGGER_SECRET_KEY", server.trigger.secret_key.get_secret_value())
        yield


async def execute(block: str, names: dict[str, Any]) -> None:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(block, str(README), "exec", flags=flags, dont_inherit=True)
    result = FunctionType(code, names)()
    if code.co_flags & CO_COROUTINE:
        await result


@pytest.mark.usefixtures("_video_server")
async def test_every_python_block_runs_in_the_order_of_the_page(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names: dict[str, Any] = {"__name__": "readme"}
    for block in BLOCKS:
        await execute(block, names)
    said = capsys.readouterr().out
    assert "0\n50\n100\n" in said
    assert "A film about bread." in said
    assert "\nHello\n" in said
    assert said.count("https://example.com/") >= 3


def test_the_packages_that_it_names_are_those_that_are_tested() -> None:
    pinned = json.loads((INTEROP / "package.json").read_text())["dependencies"]
    named = dict(re.findall(r"^\| npm `(\S+)` (\S+) \|", README.read_text(), re.MULTILINE))
    assert len(named) == 4
    assert named.items() <= pinned.items()


def test_there_are_blocks_to_run() -> None:
    assert len(BLOCKS) >= 8
