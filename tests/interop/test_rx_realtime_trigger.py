"""Our own client beside the npm SDK of Trigger.dev: what one does the other sees, both ways."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

import rx_realtime as rxr
from rx_realtime.errors import Forbidden, NotAuthorized, Refused
from rx_realtime.models import SubscriptionToken
from rx_realtime.server import DevServer, TaskRun
from tests.interop.conftest import Node
from tests.interop.node_sdk import NodeSdk

trigger = rxr.trigger
pytestmark = pytest.mark.usefixtures("trigger_at_home")


def key(token: SubscriptionToken | None) -> str:
    assert token is not None
    return token.key.get_secret_value()


# --- alone ----------------------------------------------------------------------------------


async def test_a_run_is_followed_step_by_step_to_its_end(server: DevServer):
    run = server.trigger.start_run("import", {"file": "a.csv"}, tags=["user:1"])
    steps = [
        lambda: run.set_status("EXECUTING"),
        lambda: run.set_metadata({"percentage": 50}),
        lambda: run.complete({"rows": 3}),
    ]
    seen = list[trigger.Run]()
    async with asyncio.timeout(10), aclosing(aiter(trigger.run(run.id))) as changes:
        async for change in changes:
            seen.append(change)
            if steps:
                await steps.pop(0)()
    assert [each.status for each in seen] == ["QUEUED", "EXECUTING", "EXECUTING", "COMPLETED"]
    assert (seen[0].payload, seen[0].tags) == ({"file": "a.csv"}, ("user:1",))
    assert seen[2].metadata == {"percentage": 50}
    assert seen[3].output == {"rows": 3}
    await server.trigger.polls.until(0)


async def test_a_task_is_triggered_and_waited_for(server: DevServer):
    @server.trigger.task("import/é")
    async def import_file(_run: TaskRun, payload: Any) -> Any:
        return {"rows": payload["n"] * 2}

    async with asyncio.timeout(10):
        run = await trigger.trigger_and_subscribe("import/é", {"n": 2})
    assert (run.status, run.output) == ("COMPLETED", {"rows": 4})


async def test_a_list_grows_and_an_evicted_shape_is_fetched_again(server: DevServer):
    first = server.trigger.start_run(tags=["a"])
    view = aiter(trigger.runs_view(tags=["a"]))
    async with asyncio.timeout(10), aclosing(view):
        assert [run.id for run in (await anext(view)).runs] == [first.id]
        second = server.trigger.start_run(tags=["a"])
        assert [run.id for run in (await anext(view)).runs] == [first.id, second.id]
        server.trigger.faults.evict()
        await second.complete()
        while (latest := await anext(view)).by_id[second.id].status != "COMPLETED":
            pass
    assert [run.id for run in latest.runs] == [first.id, second.id]


async def test_an_empty_list_is_seen_to_be_empty(server: DevServer):
    view = aiter(trigger.runs_view(tags=["nobody"]))
    async with asyncio.timeout(10), aclosing(view):
        assert (await anext(view)).is_empty


async def test_an_expired_token_is_fetched_anew_once_and_the_feed_goes_on(server: DevServer):
    run = server.trigger.start_run()
    minted = [server.trigger.public_token("read:runs", f"read:{n}") for n in range(2)]
    asked = 0

    def factory() -> str:
        nonlocal asked
        asked += 1
        return minted[asked - 1].get_secret_value()

    changes = aiter(trigger.run(run.id, token=factory))
    async with asyncio.timeout(10), aclosing(changes):
        assert (await anext(changes)).status == "QUEUED"
        await server.trigger.polls.until(1)
        server.trigger.faults.expire_tokens()
        await run.set_status("EXECUTING")
        assert (await anext(changes)).status == "EXECUTING"
        await server.trigger.polls.until(1)
        await run.complete()
        assert (await anext(changes)).status == "COMPLETED"
    assert asked == 2
    asked_again = [seen for seen in server.requests if seen.status == 200]
    # A snapshot and two polls: nobody began anew.
    assert len(asked_again) == 3


async def test_a_token_that_does_not_suffice_is_an_error(server: DevServer):
    run = server.trigger.start_run()
    wrong = server.trigger.public_token("read:runs:run_other").get_secret_value()
    expired = server.trigger.public_token("read:runs", lifetime=-1).get_secret_value()
    async with asyncio.timeout(10):
        with pytest.raises(Forbidden):
            await trigger.run(run.id, token=wrong)
        with pytest.raises(NotAuthorized):
            await trigger.run(run.id, token=expired)


async def test_large_values_come_from_the_object_store(server: DevServer):
    run = server.trigger.start_run()
    await run.complete({"text": "x" * 600_000})
    assert run.row.output_type == "application/store"
    async with asyncio.timeout(10):
        finished = await trigger.run(run.id)
    assert finished.output == {"text": "x" * 600_000}


async def test_runs_are_shown_tagged_changed_and_cancelled(server: DevServer):
    run = server.trigger.start_run("import", {"n": 1}, metadata={"step": 1})
    async with asyncio.timeout(10):
        shown = await trigger.retrieve(run.id)
        await trigger.add_tags(run.id, ["a", "b"])
        operations = [{"type": "increment", "key": "step", "value": 1}]
        assert await trigger.update_metadata(run.id, operations=operations) == {"step": 2}
        await trigger.cancel(run.id)
        cancelled = await trigger.run(run.id)
    assert (shown.id, shown.status, shown.payload) == (run.id, "QUEUED", {"n": 1})
    assert (cancelled.status, cancelled.tags) == ("CANCELED", ("a", "b"))
    assert cancelled.metadata == {"step": 2}


# --- together -------------------------------------------------------------------------------


@pytest.mark.interop
async def test_what_npm_triggers_we_follow_with_the_token_that_it_got(
    server: DevServer, sdk: NodeSdk
):
    options = {"tags": ["user:1"], "metadata": {"by": "npm"}}
    handle = await sdk("tasks.trigger", "import", {"file": "a.csv", "ä": None}, options)
    run = server.trigger.run(handle["id"])
    assert run is not None
    await run.complete([1, 2])
    async with asyncio.timeout(10):
        finished = await trigger.run(handle["id"], token=handle["publicAccessToken"])
    assert (finished.payload, finished.output) == ({"file": "a.csv", "ä": None}, [1, 2])
    assert (finished.tags, finished.metadata) == (("user:1",), {"by": "npm"})


@pytest.mark.interop
async def test_what_we_trigger_npm_follows_with_the_token_that_we_got(
    server: DevServer, node: Node
):
    options = trigger.TriggerOptions(tags=["user:1"], metadata={"by": "us"})
    handle = await trigger.trigger("import", {"file": "a.csv"}, options)
    wanted = {"to": "Run", "args": [handle.id], "token": key(handle.token)}
    async with node("trigger-subscribe", wanted) as program:
        await program.says()
        first = (await program.says())["run"]
        await server.trigger.polls.until(1)
        await trigger.cancel(handle.id)
        last = await program.says(lambda line: "finishedAt" in line.get("run", {}))
    assert (first["payload"], first["tags"]) == ({"file": "a.csv"}, ["user:1"])
    assert (first["metadata"], last["run"]["status"]) == ({"by": "us"}, "CANCELED")


@pytest.mark.interop
async def test_a_batch_of_ours_is_seen_by_both(server: DevServer, node: Node):
    batch = await trigger.batch_trigger([("import", {"n": n}) for n in range(3)])
    view = aiter(trigger.runs_view(batch_id=batch.id, token=batch.token))
    wanted = {"to": "Batch", "args": [batch.id], "token": key(batch.token)}
    async with asyncio.timeout(15), aclosing(view), node("trigger-subscribe", wanted) as program:
        ours = (await anext(view)).runs
        await program.says()
        theirs = [(await program.says())["run"] for _ in range(3)]
        await server.trigger.polls.until(2)
        last = server.trigger.run(ours[2].id)
        assert last is not None
        await last.complete("done")
        changed = (await anext(view)).changed
        told = (await program.says())["run"]
    # Runs of one millisecond have no order.
    assert sorted(run.payload["n"] for run in ours) == [0, 1, 2]
    assert {run["id"] for run in theirs} == {run.id for run in ours}
    assert [run.output for run in changed] == [told["output"]] == ["done"]


@pytest.mark.interop
async def test_a_batch_of_npm_is_seen_by_us(sdk: NodeSdk):
    batch = await sdk("batch.trigger", [{"id": "import", "payload": {"n": n}} for n in range(3)])
    token = batch["publicAccessToken"]
    view = aiter(trigger.runs_view(batch_id=batch["batchId"], token=token))
    async with asyncio.timeout(10), aclosing(view):
        runs = (await anext(view)).runs
    assert sorted(run.payload["n"] for run in runs) == [0, 1, 2]


@pytest.mark.interop
async def test_tokens_of_one_open_feeds_to_the_other(server: DevServer, node: Node, sdk: NodeSdk):
    run = server.trigger.start_run(tags=["user:1"])
    await run.complete()
    theirs = await sdk("auth.createPublicToken", {"scopes": {"read": {"tags": ["user:1"]}}})
    ours = await trigger.create_public_token(read={"tags": "user:1"})
    async with asyncio.timeout(10):
        assert (await trigger.run(run.id, token=theirs)).id == run.id
    wanted = {"to": "Run", "args": [run.id], "token": key(ours)}
    async with node("trigger-subscribe", wanted) as program:
        await program.says()
        assert (await program.says())["run"]["id"] == run.id


@pytest.mark.interop
async def test_a_one_time_token_is_spent_whoever_uses_it(sdk: NodeSdk):
    ours = await trigger.create_trigger_public_token("import")
    assert "id" in await sdk("tasks.trigger", "import", {}, token=key(ours))
    with pytest.raises(Refused, match="already been used"):
        await trigger.trigger("import", {}, token=ours)
    theirs = await sdk("auth.createTriggerPublicToken", "import")
    assert (await trigger.trigger("import", {}, token=theirs)).task == "import"
    assert (await sdk("tasks.trigger", "import", {}, token=theirs))["status"] == 422
