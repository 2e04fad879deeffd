from __future__ import annotations

import json
from typing import Any

import httpx2
import jwt
import pytest

from rx_realtime.server import DevServer, TriggerLimits
from tests.server.trigger.followers import Follower, client, ids

NDJSON = {"content-type": "application/x-ndjson"}


async def create(http: httpx2.AsyncClient, count: int, **more: Any) -> httpx2.Response:
    return await http.post("/api/v3/batches", json={"runCount": count, **more})


async def fill(
    http: httpx2.AsyncClient, batch: str, *indices: int, task: str = "import"
) -> httpx2.Response:
    lines = [json.dumps({"index": n, "task": task, "payload": {"n": n}}) for n in indices]
    body = "\n".join(lines).encode()
    return await http.post(f"/api/v3/batches/{batch}/items", content=body, headers=NDJSON)


async def test_a_batch_is_made_first_and_filled_then(server: DevServer):
    """Case 67, from the other side."""
    async with client(server) as http:
        created = await create(http, 2)
        batch = created.json()["id"]
        filled = await fill(http, batch, 0, 1)
        token = created.headers["x-trigger-jwt"]
    assert created.status_code == 202
    assert created.json() == {"id": batch, "runCount": 2, "isCached": False}
    assert filled.json() == {
        "id": batch,
        "itemsAccepted": 2,
        "itemsDeduplicated": 0,
        "sealed": True,
        "runCount": 2,
    }
    async with client(server, token) as http:
        shown = await Follower(server, http, f"batches/{batch}").fetch()
    assert ids(shown) == [run.id for run in server.trigger.runs]
    assert [run.payload for run in server.trigger.runs] == [{"n": 0}, {"n": 1}]


async def test_a_batch_that_lacks_items_is_not_sealed_and_each_index_counts_once(
    server: DevServer,
):
    """Case 67, from the other side."""
    async with client(server) as http:
        batch = (await create(http, 3)).json()["id"]
        first = (await fill(http, batch, 0, 1)).json()
        again = (await fill(http, batch, 0, 1, 2)).json()
        more = (await fill(http, batch, 0, 1, 2)).json()
    assert (first["sealed"], first["enqueuedCount"], first["expectedCount"]) == (False, 2, 3)
    assert (again["sealed"], again["itemsAccepted"], again["itemsDeduplicated"]) == (True, 1, 2)
    assert (more["sealed"], more["itemsAccepted"], more["itemsDeduplicated"]) == (True, 0, 0)
    assert len(list(server.trigger.runs)) == 3


async def test_a_batch_in_one_request(server: DevServer):
    items = [{"task": "import", "payload": '{"n":1}'}, {"task": "export"}]
    async with client(server) as http:
        answer = await http.post("/api/v2/tasks/batch", json={"items": items})
        batch = answer.json()["id"]
        shown = (await http.get(f"/api/v2/batches/{batch}")).json()
    assert (answer.status_code, answer.json()["runCount"]) == (202, 2)
    assert (shown["status"], len(shown["runs"])) == ("PROCESSING", 2)
    assert "x-trigger-jwt" in answer.headers


async def test_a_batch_is_over_with_the_last_of_its_runs(server: DevServer):
    async with client(server) as http:
        batch = (await create(http, 1, idempotencyKey="k")).json()["id"]
        pending = (await http.get(f"/api/v2/batches/{batch}")).json()
        await fill(http, batch, 0)
        for run in server.trigger.runs:
            await run.complete()
        completed = (await http.get(f"/api/v2/batches/{batch}")).json()
    assert (pending["status"], completed["status"]) == ("PENDING", "COMPLETED")
    assert completed["idempotencyKey"] == "k"


async def test_the_same_key_gives_the_same_batch(server: DevServer):
    async with client(server) as http:
        first = await create(http, 1, idempotencyKey="k")
        again = await create(http, 1, idempotencyKey="k")
    assert first.json()["idempotencyKey"] == "k"
    assert again.json() == {"id": first.json()["id"], "runCount": 1, "isCached": True}


@pytest.mark.parametrize(
    ("scope", "tasks", "status"),
    [
        ("batchTrigger:tasks", None, 202),
        ("batchTrigger:batch", None, 202),
        ("batchTrigger:tasks:import", ["import"], 202),
        ("batchTrigger:tasks:import", None, 403),
        ("batchTrigger:tasks:import", ["import", "export"], 403),
        ("trigger:tasks", None, 403),
    ],
)
async def test_a_token_makes_batches_of_the_tasks_that_it_names(
    server: DevServer, scope: str, tasks: list[str] | None, status: int
):
    """Case 77."""
    more = {} if tasks is None else {"taskIdentifiers": tasks}
    async with client(server, server.trigger.public_token(scope)) as http:
        assert (await create(http, 1, **more)).status_code == status


async def test_each_item_needs_a_scope_of_its_own(server: DevServer):
    """Case 77."""
    batch = server.trigger.create_batch(2)
    async with client(server, server.trigger.public_token("batchTrigger:tasks:import")) as http:
        assert (await fill(http, batch, 0)).status_code == 200
        refused = await fill(http, batch, 1, task="export")
        nothing = await fill(http, batch)
    assert (refused.status_code, refused.json()) == (403, {"error": "Unauthorized"})
    assert nothing.status_code == 403


async def test_a_browser_gets_a_token_with_which_it_can_fill_the_batch(server: DevServer):
    mine = server.trigger.public_token("batchTrigger:tasks", one_time=True)
    async with client(server, mine, x_trigger_client="browser") as http:
        created = await create(http, 1)
        assert (await create(http, 1)).status_code == 422
    token, batch = created.headers["x-trigger-jwt"], created.json()["id"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["scopes"] == [f"read:batch:{batch}", f"write:batch:{batch}"]
    async with client(server, token) as http:
        assert (await fill(http, batch, 0)).json()["sealed"] is True


async def test_what_is_no_batch_is_refused(server: DevServer):
    async with client(server) as http:
        batch = server.trigger.create_batch(1)
        items = f"/api/v3/batches/{batch}/items"
        wrong_type = await http.post(items, json={})
        assert wrong_type.status_code == 415
        broken = await http.post(items, content=b'{"index":0', headers=NDJSON)
        assert broken.status_code == 422
        assert (await create(http, 0)).status_code == 400
        too_many = await create(http, 1001)
        assert too_many.json() == {
            "error": "Batch runCount of 1001 exceeds maximum allowed of 1000."
        }
        unknown = await fill(http, "batch_nobody", 0)
        assert (unknown.status_code, unknown.json()) == (
            422,
            {"error": "Batch batch_nobody not found"},
        )
        empty = await http.post("/api/v2/tasks/batch", json={"items": []})
        assert empty.status_code == 400
    assert list(server.trigger.runs) == []


async def test_an_item_that_is_too_large_is_refused_before_it_is_whole():
    async with DevServer(trigger_limits=TriggerLimits(max_payload=100)) as server:
        batch = server.trigger.create_batch(1)
        async with client(server) as http:
            answer = await http.post(
                f"/api/v3/batches/{batch}/items", content=b"x" * 200, headers=NDJSON
            )
    assert (answer.status_code, answer.json()) == (422, {"error": "Item is over 100 bytes"})
