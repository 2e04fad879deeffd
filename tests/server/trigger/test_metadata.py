from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from rx_realtime.server import DevServer
from rx_realtime.server.trigger.operations import Operation, apply_operations
from tests.server.trigger.followers import client, follow, values

OPERATIONS = TypeAdapter(list[Operation])


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        ({"a": 1}, {"type": "update", "value": {"b": 2}}, {"b": 2}),
        ({"a": 1}, {"type": "set", "key": "a", "value": None}, {"a": None}),
        ({"a": 1}, {"type": "set", "key": "$.b.c", "value": 2}, {"a": 1, "b": {"c": 2}}),
        ({"a": 1}, {"type": "set", "key": "$.a.c", "value": 2}, {"a": {"c": 2}}),
        ({"a": [{"b": 1}]}, {"type": "set", "key": "$.a[0].b", "value": 2}, {"a": [{"b": 2}]}),
        ({"a": [1]}, {"type": "set", "key": "$.a[7]", "value": 2}, {"a": [1, 2]}),
        ({"a": 1, "b": 2}, {"type": "delete", "key": "a"}, {"b": 2}),
        ({"a": 1}, {"type": "delete", "key": "b"}, {"a": 1}),
        ({}, {"type": "append", "key": "a", "value": 1}, {"a": [1]}),
        ({"a": [1]}, {"type": "append", "key": "a", "value": 2}, {"a": [1, 2]}),
        ({"a": 1}, {"type": "append", "key": "$.a", "value": 2}, {"a": [1, 2]}),
        ({"a": [1, 2, 1]}, {"type": "remove", "key": "a", "value": 1}, {"a": [2]}),
        ({"a": 1}, {"type": "remove", "key": "a", "value": 1}, {"a": 1}),
        ({}, {"type": "increment", "key": "a", "value": 2}, {"a": 2}),
        ({"a": {"b": 1}}, {"type": "increment", "key": "$.a.b", "value": -0.5}, {"a": {"b": 0.5}}),
        ({"a": True}, {"type": "increment", "key": "a", "value": 1}, {"a": 1}),
        ({}, {"type": "set", "key": "__proto__", "value": 1}, {}),
        ({}, {"type": "set", "key": "$.a.constructor", "value": 1}, {}),
        ({}, {"type": "set", "key": "$.", "value": 1}, {}),
    ],
)
def test_each_operation_does_what_it_says(
    before: dict[str, Any], operation: dict[str, Any], after: dict[str, Any]
):
    untouched = repr(before)
    assert apply_operations(before, OPERATIONS.validate_python([operation])) == after
    assert repr(before) == untouched


async def test_metadata_is_changed_and_the_feed_tells(server: DevServer):
    run = server.trigger.start_run(metadata={"step": 1})
    path = f"/api/v1/runs/{run.id}/metadata"
    operations = [
        {"type": "increment", "key": "step", "value": 1},
        {"type": "set", "key": "$.progress.percentage", "value": 50},
    ]
    async with client(server) as http:
        follower = follow(server, http, run)
        await follower.fetch()
        answer = await http.put(path, json={"operations": operations})
        [value] = values(await follower.poll())
        shown = await http.get(path)
    after = {"step": 2, "progress": {"percentage": 50}}
    assert answer.json() == {"metadata": after}
    assert run.metadata == after
    assert value["metadata"] == '{"step":2,"progress":{"percentage":50}}'
    assert shown.json() == {"metadata": value["metadata"], "metadataType": "application/json"}


async def test_metadata_is_replaced_before_it_is_changed(server: DevServer):
    run = server.trigger.start_run(metadata={"a": 1})
    body = {
        "metadata": {"b": 1},
        "operations": [{"type": "increment", "key": "b", "value": 1}],
    }
    async with client(server) as http:
        answer = await http.put(f"/api/v1/runs/{run.id}/metadata", json=body)
    assert answer.json() == {"metadata": {"b": 2}}


async def test_a_child_changes_its_parent_and_its_root(server: DevServer):
    async with client(server) as http:

        async def trigger(parent: str | None) -> str:
            options = {"options": {"parentRunId": parent}} if parent else {}
            answer = await http.post("/api/v1/tasks/demo/trigger", json=options)
            return str(answer.json()["id"])

        root = await trigger(None)
        parent = await trigger(root)
        child = await trigger(parent)
        body = {
            "operations": [{"type": "set", "key": "self", "value": 1}],
            "parentOperations": [{"type": "set", "key": "child", "value": 1}],
            "rootOperations": [{"type": "append", "key": "all", "value": child}],
        }
        await http.put(f"/api/v1/runs/{child}/metadata", json=body)
        related = (await http.get(f"/api/v3/runs/{root}")).json()["relatedRuns"]
    found = [server.trigger.run(run_id) for run_id in (root, parent, child)]
    assert [run.metadata for run in found if run] == [{"all": [child]}, {"child": 1}, {"self": 1}]
    assert [each["id"] for each in related["children"]] == [parent]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"metadata": {"a": "x" * 262_144}}, 413),
        ({"metadata": "x" * (2 * 1024 * 1024)}, 413),
        ({"operations": [{"type": "explode", "key": "a"}]}, 400),
        ({"metadata": []}, 400),
    ],
)
async def test_what_cannot_be_metadata_is_refused(
    server: DevServer, body: dict[str, Any], status: int
):
    run = server.trigger.start_run(metadata={"a": 1})
    async with client(server) as http:
        answer = await http.put(f"/api/v1/runs/{run.id}/metadata", json=body)
    assert answer.status_code == status
    assert run.metadata == {"a": 1}


async def test_a_run_that_is_over_keeps_its_metadata(server: DevServer):
    run = server.trigger.start_run()
    await run.complete()
    async with client(server) as http:
        answer = await http.put(f"/api/v1/runs/{run.id}/metadata", json={"metadata": {"a": 1}})
    assert answer.status_code == 422
    assert answer.json() == {"error": "Cannot update metadata for a completed run"}


async def test_only_a_key_may_see_and_change_metadata(server: DevServer):
    path = f"/api/v1/runs/{server.trigger.start_run().id}/metadata"
    async with client(server, server.trigger.public_token("admin")) as http:
        assert (await http.put(path, json={"metadata": {}})).json() == {"error": "Invalid API key"}
        assert (await http.get(path)).json() == {"error": "Invalid or Missing API Key"}
    async with client(server) as http:
        nobody = "/api/v1/runs/run_nobody/metadata"
        assert (await http.get(nobody)).json() == {"error": "Run not found"}
        put = await http.put(nobody, json={"metadata": {}})
        assert (put.status_code, put.json()) == (404, {"error": "Task Run not found"})
