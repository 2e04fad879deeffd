"""The npm SDK of Trigger.dev, unchanged, against our dev server: triggering and following runs."""

from __future__ import annotations

from typing import Any

import pytest

from rx_realtime.server import DevServer, TaskRun
from tests.interop.conftest import Node
from tests.interop.node_client import Line, NodeClient
from tests.interop.node_sdk import NodeSdk

pytestmark = pytest.mark.interop


def finishes(run: Line) -> bool:
    return "finishedAt" in run.get("run", {})


async def settled(program: NodeClient) -> Line:
    """Wait for the run's last state, and for the end of the subscription."""
    run: Line = (await program.says(finishes))["run"]
    assert await program.says() == {"ended": True}
    return run


# --- following ------------------------------------------------------------------------------


async def test_subscribe_to_run_sees_each_step_and_ends_with_the_run(server: DevServer, node: Node):
    run = server.trigger.start_run("import", {"file": "a.csv"}, tags=["user:1", 'quo"te\\'])
    async with node("trigger-subscribe", {"to": "Run", "args": [run.id]}) as program:
        assert await program.says() == {"subscribed": True}
        first = (await program.says())["run"]
        await server.trigger.polls.until(1)
        await run.set_status("EXECUTING")
        second = (await program.says())["run"]
        await run.set_metadata({"progress": {"percentage": 50}})
        third = (await program.says())["run"]
        await run.complete({"rows": 3})
        last = await settled(program)
        assert await program.ends() == 0
    assert (first["id"], first["taskIdentifier"]) == (run.id, "import")
    assert (first["status"], first["isQueued"]) == ("QUEUED", True)
    assert (first["payload"], first["tags"]) == ({"file": "a.csv"}, ["user:1", 'quo"te\\'])
    assert (second["status"], second["isExecuting"]) == ("EXECUTING", True)
    assert second["startedAt"] >= first["createdAt"]
    assert third["metadata"] == {"progress": {"percentage": 50}}
    assert (last["status"], last["isSuccess"]) == ("COMPLETED", True)
    assert last["output"] == {"rows": 3}


async def test_subscribe_to_run_sees_why_a_run_failed(server: DevServer, node: Node):
    run, other = server.trigger.start_run(), server.trigger.start_run(tags=["other"])
    await run.fail("no such file")
    async with node("trigger-subscribe", {"to": "Run", "args": [run.id]}) as program:
        last = await settled(program)
    await other.fail(ValueError("no rows"))
    async with node("trigger-subscribe", {"to": "RunsWithTag", "args": ["other"]}) as program:
        raised = (await program.says(finishes))["run"]
    assert (last["status"], last["isFailed"]) == ("FAILED", True)
    assert last["error"] == {"message": "no such file"}
    assert (raised["error"]["name"], raised["error"]["message"]) == ("ValueError", "no rows")


async def test_subscribe_to_run_asks_for_nothing_that_it_has_not_waited_for(
    server: DevServer, node: Node
):
    run = server.trigger.start_run()
    async with node("trigger-subscribe", {"to": "Run", "args": [run.id]}) as program:
        await program.says(lambda line: "run" in line)
        for step in range(3):
            await server.trigger.polls.until(1)
            await run.set_metadata({"step": step})
            await program.says(lambda line: "run" in line)
        await server.trigger.polls.until(1)
        program.hears(unsubscribe=True)
        await server.trigger.polls.until(0)
    asked = [seen for seen in server.requests if seen.path.startswith("/realtime/")]
    # The snapshot and three polls; the fourth was given up before anybody answered it.
    assert [seen.status for seen in asked[:4]] == [200] * 4
    assert len(asked) <= 5


async def test_subscribe_to_run_leaves_out_the_columns_it_is_asked_to_skip(
    server: DevServer, node: Node
):
    run = server.trigger.start_run(payload={"big": "x" * 1000})
    args = [run.id, {"skipColumns": ["payload", "output"]}]
    async with node("trigger-subscribe", {"to": "Run", "args": args}) as program:
        await program.says()
        first = (await program.says())["run"]
        await server.trigger.polls.until(1)
        await run.complete({"rows": 3})
        last = await settled(program)
    assert "payload" not in first
    assert (last["status"], "output" in last) == ("COMPLETED", False)


async def test_a_run_feed_survives_a_rotated_shape(server: DevServer, node: Node):
    run = server.trigger.start_run()
    async with node("trigger-subscribe", {"to": "Run", "args": [run.id]}) as program:
        await program.says(lambda line: "run" in line)
        await server.trigger.polls.until(1)
        server.trigger.faults.evict()
        await program.says(lambda line: "run" in line)
        await server.trigger.polls.until(1)
        await run.complete("done")
        last = await settled(program)
    assert last["output"] == "done"
    assert [seen.status for seen in server.requests].count(409) == 1


async def test_subscribe_to_runs_with_tag_sees_those_that_have_all_of_them(
    server: DevServer, node: Node
):
    both = server.trigger.start_run(tags=["a", "b"])
    server.trigger.start_run(tags=["a"])
    wanted = {"to": "RunsWithTag", "args": [["a", "b"], {"createdAt": "1h"}]}
    async with node("trigger-subscribe", wanted) as program:
        await program.says()
        assert (await program.says())["run"]["id"] == both.id
        await server.trigger.polls.until(1)
        later = server.trigger.start_run(tags=["b"])
        await later.add_tags("a")
        assert (await program.says())["run"]["id"] == later.id
        await server.trigger.polls.until(1)
        await both.complete()
        assert (await program.says())["run"]["status"] == "COMPLETED"
        assert await program.ends() == 0


async def test_subscribe_to_batch_sees_the_runs_of_a_batch(
    server: DevServer, node: Node, sdk: NodeSdk
):
    batch = await sdk("batch.trigger", [{"id": "import", "payload": {"n": n}} for n in range(3)])
    assert batch["runCount"] == 3
    wanted = {"to": "Batch", "args": [batch["batchId"]], "token": batch["publicAccessToken"]}
    async with node("trigger-subscribe", wanted) as program:
        await program.says()
        runs = [(await program.says())["run"] for _ in range(3)]
        await server.trigger.polls.until(1)
        for run in [server.trigger.run(each["id"]) for each in runs]:
            assert run is not None
            await run.complete(run.payload)
        ended = {(await program.says(finishes))["run"]["id"] for _ in range(3)}
        assert await program.ends() == 0
    assert [run["payload"] for run in runs] == [{"n": n} for n in range(3)]
    assert ended == {run["id"] for run in runs}


# --- triggering -----------------------------------------------------------------------------


async def test_a_task_that_it_triggers_is_acted_out(server: DevServer, node: Node, sdk: NodeSdk):
    @server.trigger.task("import/é 1")
    async def import_file(run: TaskRun, payload: Any) -> Any:
        await run.set_metadata({"seen": payload})
        return {"rows": len(payload["file"])}

    options = {"tags": ["user:1"], "metadata": {"by": "npm"}, "ttl": "1h"}
    handle = await sdk("tasks.trigger", "import/é 1", {"file": "abc"}, options)
    wanted = {"to": "Run", "args": [handle["id"]], "token": handle["publicAccessToken"]}
    async with node("trigger-subscribe", wanted) as program:
        await program.says()
        last = await settled(program)
    assert (last["output"], last["tags"]) == ({"rows": 3}, ["user:1"])
    assert last["metadata"] == {"seen": {"file": "abc"}}


async def test_a_large_payload_goes_through_the_object_store_and_so_does_a_large_output(
    server: DevServer, node: Node, sdk: NodeSdk
):
    @server.trigger.task("import")
    async def import_file(run: TaskRun, payload: Any) -> Any:
        return {"thrice": payload["text"] * 3}

    text = "wörld " * 30_000
    handle = await sdk("tasks.trigger", "import", {"text": text})
    run = server.trigger.run(handle["id"])
    assert run is not None
    assert run.row.payload_type == "application/store"
    token = handle["publicAccessToken"]
    wanted = {"to": "Run", "args": [handle["id"]], "token": token}
    async with node("trigger-subscribe", wanted) as program:
        await program.says()
        last = await settled(program)
    assert run.row.output_type == "application/store"
    assert (last["payload"], last["output"]) == ({"text": text}, {"thrice": text * 3})
    shown = await sdk("runs.retrieve", handle["id"], token=token)
    assert (shown["payload"], shown["output"]) == ({"text": text}, {"thrice": text * 3})


async def test_the_same_key_triggers_one_run(sdk: NodeSdk):
    options = {"idempotencyKey": "once", "tags": "only"}
    first = await sdk("tasks.trigger", "import", {"n": 1}, options)
    again = await sdk("tasks.trigger", "import", {"n": 2}, options)
    assert (again["id"], again["isCached"]) == (first["id"], True)


async def test_an_answer_that_was_lost_triggers_no_second_run(server: DevServer, sdk: NodeSdk):
    server.trigger.faults.refuse(429, path="/api/v1/tasks/import/trigger", retry_after=0)
    handle = await sdk("tasks.trigger", "import", {"n": 1})
    assert [run.id for run in server.trigger.runs] == [handle["id"]]
    assert [seen.status for seen in server.requests] == [429, 200]


async def test_it_retrieves_and_cancels_runs(server: DevServer, sdk: NodeSdk):
    run = server.trigger.start_run("import", {"file": "a.csv"}, tags=["b", "a"], metadata={"n": 1})
    before = await sdk("runs.retrieve", run.id)
    assert (before["status"], before["isQueued"], before["tags"]) == ("QUEUED", True, ["a", "b"])
    assert (before["payload"], before["metadata"]) == ({"file": "a.csv"}, {"n": 1})
    assert await sdk("runs.cancel", run.id) == {"id": run.id}
    after = await sdk("runs.retrieve", run.id)
    assert (after["status"], after["isCancelled"]) == ("CANCELED", True)
    assert run.is_over


async def test_it_replays_and_moves_runs(server: DevServer, sdk: NodeSdk):
    handle = await sdk("tasks.trigger", "import", {"n": 1}, {"delay": "1h", "tags": ["a"]})
    delayed = await sdk("runs.retrieve", handle["id"])
    moved = await sdk("runs.reschedule", handle["id"], {"delay": "2h"})
    assert (delayed["status"], moved["status"]) == ("DELAYED", "DELAYED")
    assert moved["delayedUntil"] > delayed["delayedUntil"]
    again = server.trigger.run((await sdk("runs.replay", handle["id"]))["id"])
    assert again is not None
    assert (again.payload, again.row.run_tags, again.status) == ({"n": 1}, ("a",), "QUEUED")


async def test_it_is_told_that_there_is_no_such_run(sdk: NodeSdk):
    refused = await sdk("runs.cancel", "run_nobody")
    assert refused["status"] == 404
    assert "not found" in refused["refused"]


async def test_a_batch_can_be_looked_up(server: DevServer, sdk: NodeSdk):
    batch = await sdk("batch.trigger", [{"id": "import", "payload": 1}, {"id": "export"}])
    shown = await sdk("batch.retrieve", batch["batchId"])
    assert (shown["status"], shown["runCount"]) == ("PROCESSING", 2)
    runs = [server.trigger.run(run_id) for run_id in shown["runs"]]
    assert [run.row.task_identifier for run in runs if run] == ["import", "export"]


# --- tokens ---------------------------------------------------------------------------------


async def test_a_public_token_that_it_signs_opens_what_its_scopes_say(
    server: DevServer, node: Node, sdk: NodeSdk
):
    run = server.trigger.start_run(tags=["user:1"])
    token = await sdk("auth.createPublicToken", {"scopes": {"read": {"tags": ["user:1"]}}})
    wanted = {"to": "Run", "args": [run.id], "token": token}
    async with node("trigger-subscribe", wanted) as program:
        await program.says()
        assert (await program.says())["run"]["id"] == run.id
    refused = await sdk("runs.cancel", run.id, token=token)
    assert refused["status"] == 403
    other = server.trigger.start_run(tags=["user:2"])
    assert (await sdk("runs.retrieve", other.id, token=token))["status"] == 403


async def test_a_trigger_token_is_good_for_one_time_or_for_many(server: DevServer, sdk: NodeSdk):
    once = await sdk("auth.createTriggerPublicToken", "import")
    many = await sdk("auth.createTriggerPublicToken", "import", {"multipleUse": True})
    assert "id" in await sdk("tasks.trigger", "import", {}, token=once)
    spent = await sdk("tasks.trigger", "import", {}, token=once)
    assert (spent["status"], "already been used" in spent["refused"]) == (422, True)
    assert "id" in await sdk("tasks.trigger", "import", {}, token=many)
    assert "id" in await sdk("tasks.trigger", "import", {}, token=many)
    assert (await sdk("tasks.trigger", "export", {}, token=many))["status"] == 403


async def test_the_server_mints_for_a_key_that_cannot_sign(node_sdk: NodeSdk):
    key = f"tr_dev_sk_{'a' * 24}"
    async with DevServer(trigger_additional_keys=[key]) as server:
        sdk = node_sdk.use(server.url, key)
        run = server.trigger.start_run()
        wanted = {"scopes": {"read": {"runs": [run.id]}}, "expirationTime": "2h"}
        token = await sdk("auth.createPublicToken", wanted)
        assert (await sdk("runs.retrieve", run.id, token=token))["id"] == run.id
