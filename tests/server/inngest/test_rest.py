from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from rx_realtime.models import RunStatus
from rx_realtime.server import ActedRun, DevServer, Event
from rx_realtime.wire.base import Response
from rx_realtime.wire.inngest.api import MAX_PAYLOAD
from rx_realtime.wire.inngest.claims import DEV_ENV
from rx_realtime.wire.inngest.decode_answers import decode_event_ids, decode_run, decode_runs
from rx_realtime.wire.inngest.ulid import is_ulid
from tests.server.clients import CHANNEL, TOPIC, bearer, http_client

STARTED = [
    "run_id",
    "run_started_at",
    "function_id",
    "function_version",
    "environment_id",
    "event_id",
    "status",
    "ended_at",
]


def response(answer: Any) -> Response:
    return Response(answer.status_code, dict(answer.headers), answer.content)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"name": "a", "data": {}}, 1),
        ([{"name": "a"}, {"name": "b", "data": {"x": 1}, "user": {}, "ts": 1, "id": "mine"}], 2),
        ([], 0),
    ],
)
async def test_one_event_or_a_list_of_them_is_answered_with_their_ids(
    server: DevServer, body: Any, count: int
):
    async with http_client(server) as http:
        answer = await http.post("/e/any-key", json=body)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.json()["status"] == 200
    ids = decode_event_ids(response(answer))
    assert len(set(ids)) == count
    assert all(map(is_ulid, ids))


@pytest.mark.parametrize("body", [b"", b"x", b"{}", b"[1]", b'{"name":1}', b"\xff"])
async def test_what_is_no_event_is_answered_400(server: DevServer, body: bytes):
    async with http_client(server) as http:
        answer = await http.post("/e/key", content=body)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


async def test_events_over_512_kib_are_answered_413(server: DevServer):
    async with http_client(server) as http:
        answer = await http.post("/e/key", content=b" " * (MAX_PAYLOAD + 1))
    assert answer.status_code == 413


async def test_where_there_is_an_event_key_no_other_is_taken():
    async with DevServer(event_key="right") as server, http_client(server) as http:
        assert (await http.post("/e/right", json=[])).status_code == 200
        for key in ("wrong", "%C3%A9"):
            answer = await http.post(f"/e/{key}", json=[])
            assert (answer.status_code, answer.json()["error"]) == (401, "Event key not found")


async def test_where_there_is_a_signing_key_but_no_event_key_no_key_will_do():
    async with DevServer(signing_key="signkey-test-abab") as server, http_client(server) as http:
        assert (await http.post("/e/any", json=[])).status_code == 401


async def test_a_run_is_shown_as_the_real_server_shows_it(server: DevServer):
    run = server.inngest.start_run("demo")
    async with http_client(server) as http:
        answer = await http.get(f"/v1/runs/{run.id}", params={"_": "1"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "private, max-age=3"
    body = answer.json()
    assert [*body] == ["data", "metadata"]
    assert [*body["data"]] == STARTED
    assert body["data"]["run_id"] == run.id
    assert body["data"]["event_id"] == run.event_id
    assert (body["data"]["status"], body["data"]["ended_at"]) == ("Running", None)
    assert body["data"]["environment_id"] == DEV_ENV
    times = {name: datetime.fromisoformat(at) for name, at in body["metadata"].items()}
    assert [*times] == ["fetched_at", "cached_until"]
    assert (times["cached_until"] - times["fetched_at"]).total_seconds() == 3


@pytest.mark.parametrize(
    ("end", "status", "output"),
    [
        (lambda run: run.complete({"a": [1, None]}), "Completed", {"a": [1, None]}),
        (lambda run: run.complete(), "Completed", None),
        (
            lambda run: run.fail(ValueError("boom")),
            "Failed",
            {
                "__serialized": True,
                "message": "boom",
                "name": "ValueError",
                "stack": "ValueError: boom",
            },
        ),
        (lambda run: run.cancel(), "Cancelled", {}),
    ],
)
async def test_a_run_that_is_over_has_an_end_and_an_output(
    server: DevServer, end: Any, status: str, output: Any
):
    run = server.inngest.start_run()
    await end(run)
    async with http_client(server) as http:
        answer = await http.get(f"/v1/runs/{run.id}")
    shown = answer.json()["data"]
    assert [*shown] == [*STARTED, "output"]
    assert (shown["status"], shown["output"]) == (status, output)
    assert datetime.fromisoformat(shown["ended_at"]) >= datetime.fromisoformat(
        shown["run_started_at"]
    )
    change = decode_run(response(answer)).change()
    assert change.status is RunStatus.parse(status)


async def test_the_runs_of_an_event_are_listed(server: DevServer):
    @server.inngest.function("a")
    async def demo(_run: ActedRun, _event: Event) -> None:
        pass

    async with http_client(server) as http:
        [event_id] = (await http.post("/e/key", json={"name": "a"})).json()["ids"]
        answer = await http.get(f"/v1/events/{event_id}/runs")
        assert answer.headers["cache-control"] == "private, max-age=15"
        [shown] = answer.json()["data"]
        assert [*shown] == STARTED
        assert shown["event_id"] == event_id
        assert shown["environment_id"] == "00000000-0000-0000-0000-000000000000"
        [run] = decode_runs(response(answer))
        [acted] = server.inngest.runs.of_event(event_id)
        assert run.run_id == acted.id
        assert (await http.get("/v1/events/unknown/runs")).json()["data"] == []


async def test_a_run_that_acted_out_an_event_of_ones_own_is_found_by_it(server: DevServer):
    run = server.inngest.start_run(event_id="01JAAAAAAAAAAAAAAAAAAAAAAA")
    async with http_client(server) as http:
        answer = await http.get("/v1/events/01JAAAAAAAAAAAAAAAAAAAAAAA/runs")
    assert [each["run_id"] for each in answer.json()["data"]] == [run.id]


async def test_a_run_that_nobody_knows_is_answered_404(server: DevServer):
    async with http_client(server) as http:
        for method in ("GET", "DELETE"):
            answer = await http.request(method, "/v1/runs/01JAAAAAAAAAAAAAAAAAAAAAAA")
            assert answer.status_code == 404
            assert answer.json() == {"error": "Run not found", "data": None, "status": 404}


async def test_cancelling_a_run_that_is_over_changes_nothing(server: DevServer):
    run = server.inngest.start_run()
    await run.complete("done")
    async with http_client(server) as http:
        answer = await http.delete(f"/v1/runs/{run.id}")
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"] == "application/json"
        assert (await http.get(f"/v1/runs/{run.id}")).json()["data"]["status"] == "Completed"


async def test_other_methods_are_answered_405(server: DevServer):
    async with http_client(server) as http:
        for method, path in (
            ("GET", "/e/key"),
            ("POST", "/v1/runs/x"),
            ("POST", "/v1/events/x/runs"),
        ):
            assert (await http.request(method, path)).status_code == 405


async def test_where_there_is_a_signing_key_runs_are_shown_to_its_holders_only():
    key = "signkey-test-abab"
    async with DevServer(signing_key=key) as server, http_client(server) as http:
        run = server.inngest.start_run()
        token = server.inngest.subscription_token(CHANNEL, [TOPIC])
        for path in (f"/v1/runs/{run.id}", f"/v1/events/{run.event_id}/runs"):
            assert (await http.get(path)).status_code == 401
            assert (await http.get(path, headers=bearer(token))).status_code == 401
            assert (await http.get(path, headers=bearer(key))).status_code == 200
        assert (await http.delete(f"/v1/runs/{run.id}")).status_code == 401
