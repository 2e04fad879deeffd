from __future__ import annotations

import asyncio

import pytest

from rx_realtime.server import DevServer
from rx_realtime.wire.trigger.encode import row_key
from tests.server.trigger.followers import Follower, client, follow, ids, values


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": "Public Access Token is invalid"}),
        (404, {"error": "Not found"}),
        (429, {"error": "Too many concurrent requests"}),
        (500, {"error": "Internal Server Error"}),
    ],
)
async def test_the_next_requests_are_refused_in_the_vendors_words(
    server: DevServer, status: int, body: dict[str, str]
):
    """Case 73."""
    run = server.trigger.start_run()
    server.trigger.faults.refuse(status, times=2, retry_after=7)
    async with client(server) as http:
        follower = follow(server, http, run)
        for _ in range(2):
            answer = await follower.fetch()
            assert (answer.status_code, answer.json()) == (status, body)
            assert answer.headers["retry-after"] == "7"
        assert (await follower.fetch()).status_code == 200


async def test_a_refusal_can_mean_live_polls_or_another_path(server: DevServer):
    run = server.trigger.start_run()
    faults = server.trigger.faults
    faults.refuse(503, live=True)
    faults.refuse(429, path="/api/v1/tasks/demo/trigger", retry_after=3)
    async with client(server) as http:
        follower = follow(server, http, run)
        assert (await follower.fetch()).status_code == 200
        down = await follower.poll()
        limited = await http.post("/api/v1/tasks/demo/trigger", json={})
    assert (down.status_code, down.text) == (503, "Network error occurred")
    assert limited.headers["content-type"] == "application/problem+json"
    reset = int(limited.headers["x-ratelimit-reset"])
    assert (limited.json()["reset"], limited.json()["secondsUntilReset"]) == (reset, 3)


async def test_a_rotated_shape_has_a_new_handle(server: DevServer):
    """Cases 31 and 32, from the other side."""
    run = server.trigger.start_run()
    faults = server.trigger.faults
    async with client(server) as http:
        follower = follow(server, http, run)
        first = await follower.fetch()
        faults.rotate()
        named = await follower.poll()
        faults.rotate(names_it=False, body=b"{}")
        unnamed = await follower.poll()
    assert (named.status_code, unnamed.status_code) == (409, 409)
    assert named.json() == [{"headers": {"control": "must-refetch"}}]
    assert named.headers["electric-handle"] != first.headers["electric-handle"]
    assert ("electric-handle" in unnamed.headers, unnamed.json()) == (False, {})


async def test_an_eviction_reaches_even_those_who_wait(server: DevServer):
    run = server.trigger.start_run()
    async with client(server) as http:
        follower = follow(server, http, run)
        await follower.fetch()
        answer = await follower.poll_during(server.trigger.faults.evict)
        assert answer.status_code == 409
        follower.offset, follower.handle = "-1", answer.headers["electric-handle"]
        assert ids(await follower.fetch()) == [run.id]
        assert ids(await follower.poll_during(run.complete)) == [run.id]


async def test_headers_are_left_out(server: DevServer):
    """Case 7, from the other side."""
    run = server.trigger.start_run()
    server.trigger.faults.omit("Electric-Handle", "electric-schema")
    async with client(server) as http:
        follower = follow(server, http, run)
        broken, whole = await follower.fetch(), await follower.fetch()
    assert not {"electric-handle", "electric-schema"} & set(broken.headers)
    assert {"electric-handle", "electric-schema"} <= set(whole.headers)


async def test_stale_answers_have_older_rows_and_the_expired_handle(server: DevServer):
    """Case 15, from the other side."""
    run = server.trigger.start_run()
    await run.set_status("EXECUTING")
    async with client(server) as http:
        follower = follow(server, http, run)
        await follower.fetch()
        server.trigger.faults.stale(times=2)
        [live] = values(await follower.poll())
        follower.offset = "-1"
        again = await follower.fetch(expired_handle="h1")
        follower.handle = None
        fresh = await follower.fetch(expired_handle="h1")
    assert live["status"] == values(again)[0]["status"] == "PENDING"
    assert again.headers["electric-handle"] == "h1"
    assert values(fresh)[0]["status"] == "EXECUTING"
    assert fresh.headers["electric-handle"] != "h1"


async def test_answers_can_be_anything(server: DevServer):
    """Cases 34 and 39, from the other side."""
    run = server.trigger.start_run()
    faults = server.trigger.faults
    faults.say(b"<html>", headers={"content-type": "text/html"})
    faults.say(b"", status=204, live=True)
    async with client(server) as http:
        follower = follow(server, http, run)
        page = await follower.fetch()
        assert (page.text, page.headers["content-type"]) == ("<html>", "text/html")
        await follower.fetch()
        assert (await follower.poll()).status_code == 204


async def test_a_stalled_request_is_never_answered_until_the_server_stops(server: DevServer):
    run = server.trigger.start_run()
    server.trigger.faults.stall()
    async with client(server) as http:
        stalled = asyncio.create_task(follow(server, http, run).fetch())
        await server.trigger.polls.until(1)
        assert (await follow(server, http, run).fetch()).status_code == 200
        assert not stalled.done()
        await server.stop()
        assert (await stalled).status_code == 503


async def test_messages_are_put_into_an_answer(server: DevServer):
    """Cases 8, 13 and 14, from the other side."""
    run = server.trigger.start_run(tags=["a"])
    gone = {"key": row_key("gone"), "value": {"id": "gone"}, "headers": {"operation": "delete"}}
    odd = {"headers": {"control": "snapshot-end"}}
    async with client(server) as http:
        follower = Follower(server, http, "runs", tags="a")
        await follower.fetch()
        answer = await follower.poll_during(lambda: server.trigger.faults.inject(gone, odd))
        later = await follower.poll_during(run.complete)
    assert answer.json() == [gone, odd, {"headers": {"control": "up-to-date"}}]
    assert ids(later) == [run.id]


async def test_tokens_that_were_shown_expire(server: DevServer):
    """Case 28, from the other side."""
    run = server.trigger.start_run()
    old, new = (server.trigger.public_token("read:runs", f"read:{n}") for n in range(2))
    async with client(server, old) as http:
        assert (await follow(server, http, run).fetch()).status_code == 200
        server.trigger.faults.expire_tokens()
        assert (await follow(server, http, run).fetch()).status_code == 401
    async with client(server, new) as http:
        assert (await follow(server, http, run).fetch()).status_code == 200


async def test_what_was_to_go_wrong_can_be_forgotten(server: DevServer):
    run = server.trigger.start_run()
    faults = server.trigger.faults
    faults.refuse(500)
    faults.rotate()
    faults.omit("electric-handle")
    faults.stale()
    faults.clear()
    assert faults.is_clear
    async with client(server) as http:
        answer = await follow(server, http, run).fetch()
    assert (answer.status_code, "electric-handle" in answer.headers) == (200, True)


async def test_who_left_takes_no_fault_along(server: DevServer):
    run = server.trigger.start_run()
    async with client(server) as http:
        follower = follow(server, http, run)
        await follower.fetch()
        polling = asyncio.create_task(follower.poll())
        await server.trigger.polls.until(1)
        server.trigger.faults.omit("electric-cursor")
        polling.cancel()
        await server.trigger.polls.until(0)
        await run.complete()
        assert "electric-cursor" not in (await follower.poll()).headers
