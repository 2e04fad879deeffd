from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx2
import jwt
import pytest

from rx_realtime.server import DevServer, TaskRun, TriggerLimits
from rx_realtime.wire.trigger.claims import AUDIENCE
from tests.server.trigger.followers import client, follow, values

PATH = "/api/v1/tasks/import/trigger"


def run_of(server: DevServer, answer: httpx2.Response) -> TaskRun:
    run = server.trigger.run(answer.json()["id"])
    assert run is not None
    return run


async def test_a_run_is_triggered_and_waits_in_the_queue(server: DevServer):
    body = {
        "payload": '{"n":1}',
        "options": {
            "payloadType": "application/json",
            "tags": ["a", "b", "a"],
            "metadata": {"by": "test"},
            "ttl": 60,
            "test": True,
            "machine": "of no interest",
        },
    }
    async with client(server) as http:
        answer = await http.post(PATH, json=body)
        run = run_of(server, answer)
        [value] = values(await follow(server, http, run).fetch())
    assert (answer.status_code, answer.json()) == (200, {"id": run.id, "isCached": False})
    assert (run.payload, run.metadata) == ({"n": 1}, {"by": "test"})
    assert (run.row.run_tags, run.row.ttl, run.row.is_test) == (("a", "b"), "60s", True)
    assert (value["status"], value["taskIdentifier"]) == ("PENDING", "import")


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        ({}, None),
        ({"payload": {"n": 1}}, {"n": 1}),
        ({"payload": "1"}, 1),
        ({"payload": "text", "options": {"payloadType": "text/plain"}}, "text"),
        (
            {
                "payload": '{"json":{"n":1},"meta":{}}',
                "options": {"payloadType": "application/super+json"},
            },
            {"n": 1},
        ),
    ],
)
async def test_payloads_of_every_type_are_taken(
    server: DevServer, body: dict[str, Any], payload: object
):
    async with client(server) as http:
        run = run_of(server, await http.post(PATH, json=body))
        shown = await http.get(f"/api/v3/runs/{run.id}")
    assert run.payload == payload
    assert shown.json().get("payload") == payload


async def test_a_task_gets_the_values_that_superjson_carries(server: DevServer):
    payload = '{"json":{"at":"2026-01-01T00:00:00.000Z"},"meta":{"values":{"at":["Date"]}}}'
    options = {"payloadType": "application/super+json"}
    async with client(server) as http:
        run = run_of(server, await http.post(PATH, json={"payload": payload, "options": options}))
        shown = await http.get(f"/api/v3/runs/{run.id}")
    assert run.payload == {"at": datetime(2026, 1, 1, tzinfo=UTC)}
    assert shown.json()["payload"] == {"at": "2026-01-01T00:00:00.000Z"}


async def test_json_that_is_no_text_is_shown_as_it_came(server: DevServer):
    async with client(server) as http:
        run = run_of(server, await http.post(PATH, json={"payload": '"\\ud800"'}))
        shown = await http.get(f"/api/v3/runs/{run.id}")
    assert shown.json()["payload"] == '"\\ud800"'


async def test_the_answer_has_a_token_for_the_run(server: DevServer):
    """Case 63, from the other side."""
    async with client(server) as http:
        answer = await http.post(PATH, json={})
    run = run_of(server, answer)
    token = answer.headers["x-trigger-jwt"]
    claims = json.loads(answer.headers["x-trigger-jwt-claims"])
    assert claims == {
        "sub": server.trigger.env,
        "pub": True,
        "scopes": [f"read:runs:{run.id}", f"write:inputStreams:{run.id}"],
    }
    said = jwt.decode(token, options={"verify_signature": False}, audience=AUDIENCE)
    assert said["exp"] - said["iat"] == 3600
    async with client(server, token) as http:
        assert (await follow(server, http, run).fetch()).status_code == 200
        other = follow(server, http, server.trigger.start_run())
        assert (await other.fetch()).status_code == 403


async def test_the_token_skips_the_columns_that_the_callers_token_skips(server: DevServer):
    mine = server.trigger.public_token("trigger:tasks:import", skip_columns=["payload"])
    async with client(server, mine) as http:
        answer = await http.post(PATH, json={"payload": {"n": 1}})
    async with client(server, answer.headers["x-trigger-jwt"]) as http:
        [value] = values(await follow(server, http, run_of(server, answer)).fetch())
    assert "payload" not in value


async def test_the_same_attempt_triggers_once(server: DevServer):
    """Case 65, from the other side: also with a token that is good for one time."""
    once = server.trigger.public_token("trigger:tasks:import", one_time=True)
    async with client(server, once) as http:
        attempt = {"x-trigger-request-idempotency-key": "1"}
        answers = [await http.post(PATH, json={}, headers=attempt) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(list(server.trigger.runs)) == 1


async def test_the_same_key_gives_the_same_run_for_as_long_as_it_lives(server: DevServer):
    async with client(server) as http:

        async def trigger(key: str, ttl: str | None = None, path: str = PATH) -> dict[str, Any]:
            options = {"idempotencyKey": key, "idempotencyKeyTTL": ttl}
            said: dict[str, Any] = (await http.post(path, json={"options": options})).json()
            return said

        first, again = await trigger("a"), await trigger("a")
        assert (first["isCached"], again["isCached"]) == (False, True)
        assert first["id"] == again["id"]
        elsewhere = await trigger("a", path="/api/v1/tasks/export/trigger")
        assert elsewhere["id"] != first["id"]
        short = await trigger("b", ttl="0s")
        assert (await trigger("b"))["id"] != short["id"]


async def test_a_one_time_token_triggers_once(server: DevServer):
    """Case 68, from the other side."""
    once = server.trigger.public_token("trigger:tasks:import", one_time=True)
    async with client(server, once) as http:
        assert (await http.post(PATH, json={})).status_code == 200
        spent = await http.post(PATH, json={})
    assert spent.status_code == 422
    assert spent.json() == {
        "error": "Cannot trigger import with a one-time use token as it has already been used."
    }


async def test_a_token_triggers_the_tasks_that_it_names(server: DevServer):
    """Case 77."""
    token = server.trigger.public_token("trigger:tasks:import")
    async with client(server, token) as http:
        assert (await http.post(PATH, json={})).status_code == 200
        assert (await http.post("/api/v1/tasks/export/trigger", json={})).status_code == 403


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"tags": [str(n) for n in range(11)]}, "Runs can only have 10 tags"),
        ({"tags": ["x" * 129]}, "between 1 and 128"),
        ({"tags": [""]}, "between 1 and 128"),
        ({"delay": "soon"}, "Invalid delay soon"),
        ({"metadata": "x" * 262_145}, "Metadata exceeds maximum size of 262144 bytes"),
    ],
)
async def test_what_the_server_does_not_take_is_refused(
    server: DevServer, options: dict[str, Any], why: str
):
    async with client(server) as http:
        answer = await http.post(PATH, json={"options": options})
    assert answer.status_code == 422
    assert why in answer.json()["error"]
    assert list(server.trigger.runs) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"options":{"tags":1}}'])
async def test_what_is_no_request_is_refused(server: DevServer, body: bytes):
    async with client(server) as http:
        assert (await http.post(PATH, content=body)).status_code == 400


async def test_a_body_that_is_too_large_is_refused():
    limits = TriggerLimits(max_payload=100)
    async with DevServer(trigger_limits=limits) as server, client(server) as http:
        answer = await http.post(PATH, json={"payload": "x" * 100})
    assert (answer.status_code, answer.json()) == (413, {"error": "Request body too large"})


async def test_without_any_key_the_answer_is_a_problem(server: DevServer):
    """Case 73."""
    async with httpx2.AsyncClient(base_url=server.url, trust_env=False) as http:
        answer = await http.post(PATH, json={})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "title": "Unauthorized",
        "status": 401,
        "type": "https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/401",
        "detail": "No authorization header provided",
        "error": "No authorization header provided",
    }


async def test_a_server_that_is_full_takes_no_more_runs_until_one_is_over():
    async with DevServer(trigger_limits=TriggerLimits(max_runs=2)) as server:
        runs = [server.trigger.start_run() for _ in range(2)]
        async with client(server) as http:
            assert (await http.post(PATH, json={})).status_code == 422
            await runs[1].complete()
            assert (await http.post(PATH, json={})).status_code == 200
        assert server.trigger.run(runs[1].id) is None


async def test_a_registered_task_acts_the_run_out(server: DevServer):
    began, go_on = asyncio.Event(), asyncio.Event()

    @server.trigger.task("import")
    async def import_file(run: TaskRun, payload: Any) -> Any:
        began.set()
        await go_on.wait()
        return {"rows": payload["n"]}

    async with client(server) as http:
        run = run_of(server, await http.post(PATH, json={"payload": {"n": 3}}))
        await began.wait()
        assert run.status == "EXECUTING"
        go_on.set()
        await run.until_over()
        [value] = values(await follow(server, http, run).fetch())
    assert (value["status"], value["output"]) == ("COMPLETED_SUCCESSFULLY", '{"rows":3}')
    assert value["startedAt"] is not None
