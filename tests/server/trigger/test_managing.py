from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from rx_realtime.server import DevServer, TaskRun
from rx_realtime.server.trigger.runs import now
from tests.server.trigger.followers import client, follow, values


async def test_a_run_is_shown(server: DevServer):
    batch = server.trigger.create_batch()
    run = server.trigger.start_run(
        "import", {"n": 1}, tags=["b", "a"], metadata={"step": 1}, batch_id=batch
    )
    await run.set_status("EXECUTING")
    await run.complete({"rows": 3})
    async with client(server) as http:
        answer = await http.get(f"/api/v3/runs/{run.id}")
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["id"], shown["taskIdentifier"], shown["batchId"]) == (run.id, "import", batch)
    assert (shown["status"], shown["isSuccess"], shown["isCompleted"]) == ("COMPLETED", True, True)
    assert (shown["payload"], shown["output"]) == ({"n": 1}, {"rows": 3})
    assert (shown["metadata"], shown["tags"]) == ({"step": 1}, ["a", "b"])
    assert (shown["attemptCount"], shown["triggerFunction"]) == (1, "batchTrigger")
    assert shown["createdAt"] <= shown["startedAt"] <= shown["finishedAt"]
    assert shown["createdAt"].endswith("Z")


@pytest.mark.parametrize(
    ("status", "shown", "flags"),
    [
        ("QUEUED", "QUEUED", {"isQueued"}),
        ("DELAYED", "DELAYED", {"isQueued"}),
        ("DEQUEUED", "DEQUEUED", {"isExecuting"}),
        ("WAITING", "WAITING", {"isWaiting"}),
        ("FAILED", "FAILED", {"isCompleted", "isFailed"}),
        ("CANCELED", "CANCELED", {"isCompleted", "isFailed", "isCancelled"}),
        ("TIMED_OUT", "TIMED_OUT", set[str]()),
        ("EXPIRED", "EXPIRED", set[str]()),
        ("NOBODY_KNOWS", "QUEUED", {"isQueued"}),
    ],
)
async def test_every_status_is_shown_with_what_follows_from_it(
    server: DevServer, status: str, shown: str, flags: set[str]
):
    run = server.trigger.start_run()
    await run.set_status(status)
    async with client(server) as http:
        said = (await http.get(f"/api/v3/runs/{run.id}")).json()
    assert said["status"] == shown
    assert {name for name, value in said.items() if name != "isTest" and value is True} == flags


async def test_an_unknown_run_may_be_known_soon(server: DevServer):
    """Case 73."""
    async with client(server) as http:
        answer = await http.get("/api/v3/runs/run_nobody")
    assert (answer.status_code, answer.headers["x-should-retry"]) == (404, "true")


@pytest.mark.parametrize(
    ("scope", "status"),
    [("write:runs:{run}", 200), ("write:runs", 200), ("write:tasks:demo", 200), ("read:runs", 403)],
)
async def test_a_token_that_may_write_runs_cancels_one(server: DevServer, scope: str, status: int):
    """Case 77."""
    run = server.trigger.start_run()
    async with client(server, server.trigger.public_token(scope.format(run=run.id))) as http:
        answer = await http.post(f"/api/v2/runs/{run.id}/cancel")
    assert answer.status_code == status
    assert run.is_over == (status == 200)


async def test_cancelling_ends_the_task_and_tells_the_feed(server: DevServer):
    began, stopped = asyncio.Event(), asyncio.Event()

    @server.trigger.task("import")
    async def import_file(_run: TaskRun, _payload: Any) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with client(server) as http:
        triggered = (await http.post("/api/v1/tasks/import/trigger", json={})).json()
        run = server.trigger.run(triggered["id"])
        assert run is not None
        await began.wait()
        follower = follow(server, http, run)
        await follower.fetch()
        path = f"/api/v2/runs/{run.id}/cancel"
        [value] = values(await follower.poll_during(lambda: http.post(path)))
        await stopped.wait()
        again = await http.post(path)
    assert (value["status"], value["completedAt"] is not None) == ("CANCELED", True)
    assert again.json() == {"id": run.id}


async def test_cancelling_an_unknown_run_is_refused(server: DevServer):
    async with client(server) as http:
        answer = await http.post("/api/v2/runs/run_nobody/cancel")
    assert (answer.status_code, answer.json()) == (404, {"error": "Resource not found"})


async def test_tags_are_added_once_and_only_so_many(server: DevServer):
    run = server.trigger.start_run(tags=["a"])
    path = f"/api/v1/runs/{run.id}/tags"
    async with client(server) as http:

        async def add(tags: object) -> tuple[int, Any]:
            answer = await http.post(path, json={"tags": tags})
            return answer.status_code, answer.json()

        assert await add(["a", "b", "b", " "]) == (200, {"message": "Successfully set 1 new tags."})
        assert await add("b") == (200, {"message": "No new tags to add"})
        await run.complete()
        assert (await add("after the end"))[0] == 200
        status, said = await add([str(n) for n in range(8)])
        assert (await add(1))[0] == 400
        assert (await http.post("/api/v1/runs/run_nobody/tags", json={"tags": "a"})).json() == {
            "error": "Run not found"
        }
    assert status == 422
    assert said["error"].startswith("Runs can only have 10 tags, you're trying to set 11. These ")
    assert run.row.run_tags == ("a", "b", "after the end")


async def test_a_token_adds_no_tags(server: DevServer):
    run = server.trigger.start_run()
    async with client(server, server.trigger.public_token("admin")) as http:
        answer = await http.post(f"/api/v1/runs/{run.id}/tags", json={"tags": "a"})
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid or Missing API Key"})


async def test_a_delayed_run_begins_when_it_is_due_and_that_can_be_moved(server: DevServer):
    began = asyncio.Event()

    @server.trigger.task("import")
    async def import_file(_run: TaskRun, _payload: Any) -> None:
        began.set()

    async with client(server) as http:
        body = {"options": {"delay": "1h"}}
        triggered = await http.post("/api/v1/tasks/import/trigger", json=body)
        run = server.trigger.run(triggered.json()["id"])
        assert run is not None
        assert (run.status, began.is_set()) == ("DELAYED", False)
        path = f"/api/v1/runs/{run.id}/reschedule"
        moved = await http.post(path, json={"delay": "0s"})
        assert moved.json()["status"] == "DELAYED"
        await began.wait()
        await run.until_over()
        late = await http.post(path, json={"delay": "1h"})
        bad = await http.post(path, json={"delay": "soon"})
    assert late.status_code == 422
    assert late.json() == {"error": "Cannot reschedule a run that is not delayed"}
    assert bad.status_code == 400


async def test_a_delayed_run_of_an_unknown_task_comes_into_the_queue(server: DevServer):
    soon = (now() + timedelta(milliseconds=20)).isoformat()
    async with client(server) as http:
        body = {"options": {"delay": soon}}
        triggered = await http.post("/api/v1/tasks/import/trigger", json=body)
        run = server.trigger.run(triggered.json()["id"])
        assert run is not None
        follower = follow(server, http, run)
        [value] = values(await follower.fetch())
        if value["status"] == "DELAYED":
            [value] = values(await follower.poll())
    assert value["status"] == "PENDING"
    assert value["queuedAt"] is not None


async def test_a_replay_is_a_new_run_of_the_same_with_what_is_given_anew(server: DevServer):
    run = server.trigger.start_run("import", {"n": 1}, tags=["a"], metadata={"m": 1})
    await run.complete()
    async with client(server) as http:
        path = f"/api/v1/runs/{run.id}/replay"
        same = server.trigger.run((await http.post(path)).json()["id"])
        changed = {"payload": {"n": 2}, "tags": ["b"], "metadata": {"m": 2}}
        other = server.trigger.run((await http.post(path, json=changed)).json()["id"])
        assert (await http.post("/api/v1/runs/run_nobody/replay")).status_code == 404
    assert same is not None
    assert other is not None
    assert (same.payload, same.row.run_tags, same.metadata) == ({"n": 1}, ("a",), {"m": 1})
    assert (other.payload, other.row.run_tags, other.metadata) == ({"n": 2}, ("b",), {"m": 2})
