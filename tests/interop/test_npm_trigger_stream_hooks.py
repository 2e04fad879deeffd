"""The React hooks of Trigger.dev that show streams, unchanged, rendered against our dev server."""

from __future__ import annotations

from typing import Any

import pytest

import rx_realtime as rxr
from rx_realtime.server import DevServer, TaskRun
from tests.interop.conftest import Node
from tests.interop.node_client import Line, NodeClient

pytestmark = [pytest.mark.interop, pytest.mark.usefixtures("trigger_at_home")]

Ai = rxr.trigger.streams.define("ai", str)


def hook(server: DevServer, run: TaskRun, name: str, **options: Any) -> dict[str, Any]:
    """Return what a page asks for, with a token that its backend made."""
    token = server.trigger.public_token(f"read:runs:{run.id}").get_secret_value()
    options = {"accessToken": token, "throttleInMs": 0, **options}
    return {"hook": name, "subject": run.id, "options": options}


async def shows(component: NodeClient, *chunks: object) -> Line:
    """Wait until the page shows exactly these."""
    return await component.says(lambda line: line.get("parts") == [*chunks])


async def test_use_realtime_stream_shows_what_comes_and_goes_on_after_a_cut(
    server: DevServer, run: TaskRun, node: Node
):
    stream, faults = run.stream("ai"), server.trigger.faults.streams
    wanted = {**hook(server, run, "useRealtimeStream"), "stream": "ai"}
    async with node("trigger-hook", wanted) as component:
        await stream.until_readers(1)
        await Ai.pipe(run.id, ["Hel", "lo "])
        await shows(component, "Hel", "lo ")
        await stream.until_read()
        faults.drop_next(after=30)  # in the middle of a record
        faults.drop()
        await Ai.append(run.id, "日本")
        await shows(component, "Hel", "lo ", "日本")
        await stream.until_read()
        component.hears(stop=True)
        await stream.until_readers(0)
        assert await component.ends() == 0


async def test_use_realtime_stream_closes_its_connection_when_it_is_unmounted(
    server: DevServer, node: Node
):
    run = server.trigger.start_run()
    wanted = hook(server, run, "useRealtimeStream")  # of the key that is the default
    async with node("trigger-hook", wanted) as component:
        await run.stream().until_readers(1)
        assert await component.ends() == 0
    await run.stream().until_readers(0)


async def test_use_realtime_run_with_streams_finds_each_stream_and_shows_both_to_the_end(
    server: DevServer, run: TaskRun, node: Node
):
    wanted = hook(server, run, "useRealtimeRunWithStreams")
    async with node("trigger-hook", wanted) as component:
        await component.says(lambda line: line.get("run") is not None)
        await Ai.pipe(run.id, ["Hel", "lo"])
        await component.says(lambda line: line.get("streams") == {"ai": ["Hel", "lo"]})
        await run.stream("steps").write({"n": 1}, None)  # in the server's process
        both = {"ai": ["Hel", "lo"], "steps": [{"n": 1}, None]}
        await component.says(lambda line: line.get("streams") == both)
        await run.complete("done")
        completed = await component.says(lambda line: "completed" in line)
        assert completed["completed"]["output"] == "done"
        assert await component.ends() == 0
