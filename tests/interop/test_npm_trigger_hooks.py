"""The React hooks of Trigger.dev, unchanged, rendered against our dev server."""

from __future__ import annotations

from typing import Any

import pytest

from rx_realtime.server import DevServer, TaskRun
from tests.interop.conftest import Node
from tests.interop.node_client import Line

pytestmark = pytest.mark.interop


def token(server: DevServer, *scopes: str, **options: Any) -> dict[str, str]:
    """Give a hook a token, as a backend would."""
    minted = server.trigger.public_token(*scopes, **options)
    return {"accessToken": minted.get_secret_value()}


def statuses(line: Line) -> list[str]:
    return [run["status"] for run in line.get("runs", [])]


def status(line: Line) -> str | None:
    return line["run"]["status"] if line.get("run") else None


async def test_use_realtime_run_shows_a_run_until_it_is_over(server: DevServer, node: Node):
    run = server.trigger.start_run(payload={"file": "a.csv"})
    wanted = {
        "hook": "useRealtimeRun",
        "subject": run.id,
        "options": token(server, f"read:runs:{run.id}"),
    }
    async with node("trigger-hook", wanted) as component:
        await component.says(lambda line: status(line) == "QUEUED")
        await server.trigger.polls.until(1)
        await run.set_status("EXECUTING")
        await component.says(lambda line: status(line) == "EXECUTING")
        await server.trigger.polls.until(1)
        await run.complete({"rows": 3})
        last = await component.says(lambda line: status(line) == "COMPLETED")
        completed = await component.says(lambda line: "completed" in line)
        assert await component.ends() == 0
    assert last["run"]["output"] == {"rows": 3}
    assert completed["completed"]["id"] == run.id


async def test_use_realtime_run_stops_polling_when_it_is_told_to_and_when_it_is_unmounted(
    server: DevServer, node: Node
):
    run = server.trigger.start_run()
    options = token(server, "read:runs")
    wanted = {"hook": "useRealtimeRun", "subject": run.id, "options": options}
    async with node("trigger-hook", wanted) as component:
        await server.trigger.polls.until(1)
        component.hears(stop=True)
        await server.trigger.polls.until(0)
        component.hears(props={"subject": server.trigger.start_run().id})
        await server.trigger.polls.until(1)
        assert await component.ends() == 0
    await server.trigger.polls.until(0)


async def test_use_realtime_runs_with_tag_shows_a_list_that_grows_and_changes(
    server: DevServer, node: Node
):
    first = server.trigger.start_run(tags=["user:1"])
    wanted = {
        "hook": "useRealtimeRunsWithTag",
        "subject": "user:1",
        "options": token(server, "read:tags:user:1"),
    }
    async with node("trigger-hook", wanted) as component:
        await component.says(lambda line: statuses(line) == ["QUEUED"])
        await server.trigger.polls.until(1)
        server.trigger.start_run(tags=["user:1"])
        server.trigger.start_run(tags=["user:2"])
        await component.says(lambda line: statuses(line) == ["QUEUED", "QUEUED"])
        await server.trigger.polls.until(1)
        await first.complete()
        last = await component.says(lambda line: statuses(line) == ["COMPLETED", "QUEUED"])
        assert await component.ends() == 0
    assert last["runs"][0]["id"] == first.id


async def test_use_realtime_batch_shows_its_runs(server: DevServer, node: Node):
    batch = server.trigger.create_batch(2)
    runs = [server.trigger.start_run(batch_id=batch) for _ in range(2)]
    wanted = {
        "hook": "useRealtimeBatch",
        "subject": batch,
        "options": token(server, f"read:batch:{batch}"),
    }
    async with node("trigger-hook", wanted) as component:
        await component.says(lambda line: statuses(line) == ["QUEUED", "QUEUED"])
        await server.trigger.polls.until(1)
        await runs[1].fail("no such file")
        await component.says(lambda line: statuses(line) == ["QUEUED", "FAILED"])
        assert await component.ends() == 0


async def test_use_realtime_task_trigger_triggers_and_follows_with_the_token_it_gets(
    server: DevServer, node: Node
):
    @server.trigger.task("import")
    async def import_file(run: TaskRun, payload: Any) -> Any:
        return {"rows": payload["rows"]}

    # This one opens no feed: the hook has to use the other, which comes with the answer.
    options = token(server, "trigger:tasks:import", one_time=True)
    wanted = {"hook": "useRealtimeTaskTrigger", "subject": "import", "options": options}
    async with node("trigger-hook", wanted) as component:
        await component.says()
        component.hears(submit={"rows": 3})
        last = await component.says(lambda line: status(line) == "COMPLETED")
        assert last["run"]["output"] == {"rows": 3}
        assert last["handle"]["taskIdentifier"] == "import"
        component.hears(submit={"rows": 4})
        refused = await component.says(lambda line: line.get("error") is not None)
        assert await component.ends() == 0
    assert "already been used" in refused["error"]
