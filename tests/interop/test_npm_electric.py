"""The current client of Electric, unchanged, on the feeds of our dev server.

It is newer and stricter than the one inside of Trigger.dev's SDK.
"""

from __future__ import annotations

from typing import Any

import pytest

from rx_realtime.server import DevServer
from tests.interop.conftest import Node
from tests.interop.node_client import Line, NodeClient

pytestmark = pytest.mark.interop


def shape(server: DevServer, path: str) -> dict[str, Any]:
    """Tell the client where a feed is; without this header the server answers as of old."""
    key = server.trigger.secret_key.get_secret_value()
    headers = {"authorization": f"Bearer {key}", "x-trigger-electric-version": "1.0.0-beta.1"}
    return {"url": f"{server.url}/realtime/v1/{path}", "headers": headers}


async def change(program: NodeClient) -> Line:
    """Wait for the next batch that has a row, and return its first message."""
    said = await program.says(lambda line: any("key" in each for each in line.get("messages", [])))
    message: Line = said["messages"][0]
    return message


async def test_it_reads_every_column_of_a_run(server: DevServer, node: Node):
    run = server.trigger.start_run("import", {"file": "a.csv"}, tags=["a,b", 'c"d\\', "NULL"])
    async with node("electric-shape", shape(server, f"runs/{run.id}")) as program:
        first = await change(program)
        await server.trigger.polls.until(1)
        await run.set_status("EXECUTING")
        second = await change(program)
        await server.trigger.polls.until(1)
        await run.fail("no such file")
        third = await change(program)
        assert await program.ends() == 0
    row = first["value"]
    assert (row["friendlyId"], row["number"], row["isTest"]) == (run.id, 1, False)
    assert (row["costInCents"], row["runTags"]) == (0, ["a,b", 'c"d\\', "NULL"])
    assert (row["realtimeStreams"], row["error"]) == ([], None)
    operations = [each["headers"]["operation"] for each in (first, second, third)]
    assert operations == ["insert", "update", "update"]
    assert second["value"]["status"] == "EXECUTING"
    assert third["value"]["error"] == {"type": "STRING_ERROR", "raw": "no such file"}


async def test_it_fetches_everything_again_when_the_shape_is_no_more(server: DevServer, node: Node):
    run = server.trigger.start_run(tags=["a"])
    async with node("electric-shape", shape(server, "runs?tags=a")) as program:
        await change(program)
        await server.trigger.polls.until(1)
        server.trigger.faults.evict()
        await program.says(
            lambda line: any(
                each["headers"].get("control") == "must-refetch" for each in line["messages"]
            )
        )
        again = await change(program)
        await server.trigger.polls.until(1)
        assert await program.ends() == 0
    assert again["value"]["friendlyId"] == run.id


async def test_it_takes_nothing_from_a_cache_that_keeps_an_expired_handle(
    server: DevServer, node: Node
):
    run = server.trigger.start_run(tags=["a"])
    async with node("electric-shape", shape(server, "runs?tags=a")) as program:
        await change(program)
        await server.trigger.polls.until(1)
        server.trigger.faults.stale()
        server.trigger.faults.evict()
        await change(program)
        await server.trigger.polls.until(1)
        await run.complete()
        assert (await change(program))["value"]["status"] == "COMPLETED_SUCCESSFULLY"
        assert await program.ends() == 0


async def test_it_says_why_it_gave_up(server: DevServer, node: Node):
    async with node("electric-shape", shape(server, "runs/run_nobody")) as program:
        assert (await program.says())["refused"] == 404
