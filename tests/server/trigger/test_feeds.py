from __future__ import annotations

from datetime import timedelta

import httpx2
import pytest
from pydantic import SecretStr

from rx_realtime.server import DevServer
from tests.server.trigger.followers import Follower, client, follow, ids

UNAUTHORIZED = {
    "error": "Unauthorized",
    "code": "unauthorized",
    "param": "access_token",
    "type": "authorization",
}


async def test_an_unknown_run_is_not_found_and_not_worth_asking_for_again(server: DevServer):
    """Case 73."""
    async with client(server) as http:
        answer = await Follower(server, http, "runs/run_nobody").fetch()
    assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})
    assert answer.headers["x-should-retry"] == "false"


async def test_an_unknown_batch_may_be_known_soon(server: DevServer):
    """Cases 29 and 73."""
    async with client(server) as http:
        answer = await Follower(server, http, "batches/batch_nobody").fetch()
    assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})
    assert answer.headers["x-should-retry"] == "true"


@pytest.mark.parametrize("tags", ["a,,b", ",", 'quo"te', "back\\slash", "bell\x07", "del\x7f"])
async def test_tags_that_no_run_can_have_are_refused(server: DevServer, tags: str):
    """Case 73."""
    async with client(server) as http:
        answer = await Follower(server, http, "runs", tags=tags).fetch()
    assert answer.status_code == 400
    [detail] = answer.json()["details"]
    assert answer.json()["error"] == "Query Error"
    assert (detail["path"], detail["message"].startswith("Invalid tag: ")) == (["tags"], True)


async def test_a_list_shows_runs_that_have_all_tags(server: DevServer):
    """Case 45, from the other side."""
    both = server.trigger.start_run(tags=["it's", "b", "c"])
    server.trigger.start_run(tags=["it's"])
    server.trigger.start_run(tags=["b"])
    async with client(server) as http:
        assert ids(await Follower(server, http, "runs", tags="it's,b").fetch()) == [both.id]


async def test_without_tags_a_list_shows_all_runs(server: DevServer):
    runs = [server.trigger.start_run(), server.trigger.start_run(tags=["a"])]
    async with client(server) as http:
        answer = await Follower(server, http, "runs").fetch()
    assert ids(answer) == [run.id for run in runs]


@pytest.mark.parametrize(
    ("created_at", "seconds"),
    [("1h30m", 5400), ("2d", 86_400), ("soon", 86_400), ("", 86_400), (None, 86_400)],
)
async def test_a_list_goes_back_as_far_as_it_is_asked_to_and_never_further_than_a_day(
    server: DevServer, created_at: str | None, seconds: int
):
    """Case 46, from the other side."""
    query = {} if created_at is None else {"createdAt": created_at}
    run = server.trigger.start_run(tags=["a"])
    async with client(server) as http:
        follower = Follower(server, http, "runs", tags="a", **query)
        await follower.fetch()
    assert follower.handle is not None
    floor = int(follower.handle.split("_")[1]) / 1000
    assert floor % 60 == 0
    assert 0 <= run.row.created_at.timestamp() - floor - seconds < 61


async def test_a_list_keeps_the_window_of_its_first_answer(server: DevServer):
    """Case 46, from the other side: also when the shape is made anew."""
    run = server.trigger.start_run(tags=["a"])
    async with client(server) as http:
        follower = Follower(server, http, "runs", tags="a", createdAt="1h")
        await follower.fetch()
        later = Follower(server, http, "runs", tags="a", createdAt="1m")
        later.offset, later.handle = follower.offset, follower.handle
        again = await later.fetch()
        assert ids(again) == [run.id]
        server.trigger.faults.evict()
        rotated = await later.fetch()
    assert follower.handle is not None
    window = follower.handle.split("_")[1]
    assert again.headers["electric-handle"].split("_")[1] == window
    assert rotated.headers["electric-handle"].split("_")[1] == window


async def test_runs_from_before_the_window_are_not_shown(server: DevServer):
    old, new = [server.trigger.start_run(tags=["a"]) for _ in range(2)]
    await old.change(created_at=old.row.created_at - timedelta(hours=1))
    async with client(server) as http:
        follower = Follower(server, http, "runs", tags="a", createdAt="1m")
        assert ids(await follower.fetch()) == [new.id]


async def test_a_batch_shows_its_runs(server: DevServer):
    batch, other = server.trigger.create_batch(2), server.trigger.create_batch(1)
    runs = [server.trigger.start_run(batch_id=batch) for _ in range(2)]
    server.trigger.start_run(batch_id=other)
    async with client(server) as http:
        follower = Follower(server, http, f"batches/{batch}")
        answer = await follower.fetch()
        assert ids(answer) == [run.id for run in runs]
        assert answer.headers["electric-handle"].startswith(batch + "_")
        assert ids(await follower.poll_during(runs[1].complete)) == [runs[1].id]


# --- who may see what -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ("read:runs:{run}", 200),
        ("read:runs", 200),
        ("read:tags:env:staging", 200),
        ("read:tasks:import", 200),
        ("read:batch:{batch}", 200),
        ("read:all", 200),
        ("*:runs", 200),
        ("admin", 200),
        ("read:runs:run_other", 403),
        ("read:tags:env", 403),
        ("read:queues", 403),
        ("write:runs", 403),
        ("read", 403),
        ("admin:queues", 403),
    ],
)
async def test_a_token_opens_the_runs_that_its_scopes_name(
    server: DevServer, scope: str, status: int
):
    """Case 77."""
    batch = server.trigger.create_batch()
    run = server.trigger.start_run("import", tags=["env:staging"], batch_id=batch)
    token = server.trigger.public_token(scope.format(run=run.id, batch=batch))
    async with client(server, token) as http:
        answer = await follow(server, http, run).fetch()
    assert answer.status_code == status
    if status == 403:
        assert answer.json() == UNAUTHORIZED


@pytest.mark.parametrize(
    ("scope", "tags", "status"),
    [
        ("read:tags:a", "a,b", 200),
        ("read:tags", "a", 200),
        ("read:runs", "a", 200),
        ("read:runs", "", 200),
        ("read:tags", "", 200),
        ("read:tags:a", "", 403),
        ("read:tags:c", "a,b", 403),
        ("read:runs:run_1", "a", 403),
    ],
)
async def test_a_token_for_any_of_the_tags_opens_their_list(
    server: DevServer, scope: str, tags: str, status: int
):
    """Case 77."""
    async with client(server, server.trigger.public_token(scope)) as http:
        answer = await Follower(server, http, "runs", tags=tags).fetch()
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("scope", "status"),
    [("read:batch:{batch}", 200), ("read:runs", 200), ("read:batch:other", 403)],
)
async def test_a_token_for_a_batch_or_for_all_runs_opens_its_feed(
    server: DevServer, scope: str, status: int
):
    """Case 77."""
    batch = server.trigger.create_batch()
    token = server.trigger.public_token(scope.format(batch=batch))
    async with client(server, token) as http:
        answer = await Follower(server, http, f"batches/{batch}").fetch()
    assert answer.status_code == status


async def test_a_refusal_tells_the_developer_what_was_needed_and_what_was_shown(server: DevServer):
    run = server.trigger.start_run("import", tags=["user 1"])
    token = server.trigger.public_token("read:runs:run_other", "read:tags:é")
    async with client(server, token) as http:
        answer = await follow(server, http, run).fetch()
    needed = answer.headers["x-rx-realtime-needs"].split()
    assert needed == [f"read:runs:{run.id}", "read:tasks:import", "read:tags:user%201"]
    assert answer.headers["x-rx-realtime-holds"] == "read:runs:run_other read:tags:%C3%A9"


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("tr_dev_wrong", "Invalid API key"),
        ("no.jwt.at-all", "Invalid API key"),
    ],
)
async def test_strangers_are_told_what_is_wrong_with_their_key(
    server: DevServer, token: str, why: str
):
    """Case 73."""
    run = server.trigger.start_run()
    async with client(server, token) as http:
        answer = await follow(server, http, run).fetch()
    assert (answer.status_code, answer.json()) == (401, {"error": why})


async def test_who_shows_no_key_is_told_so(server: DevServer):
    """Case 73."""
    run = server.trigger.start_run()
    async with httpx2.AsyncClient(base_url=server.url, trust_env=False) as http:
        answer = await http.get(f"/realtime/v1/runs/{run.id}")
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid or Missing API key"})


async def test_an_expired_token_is_refused(server: DevServer):
    """Cases 28 and 77."""
    run = server.trigger.start_run()
    async with client(server, server.trigger.public_token("read:runs", lifetime=-1)) as http:
        answer = await follow(server, http, run).fetch()
    assert (answer.status_code, answer.json()) == (401, {"error": "Public Access Token is invalid"})


async def test_columns_that_a_token_skips_are_skipped_whatever_is_asked_for(server: DevServer):
    """Case 77."""
    run = server.trigger.start_run()
    token = server.trigger.public_token("read:runs", skip_columns=["payload", "output"])
    async with client(server, token) as http:
        answer = await follow(server, http, run, skipColumns="metadata").fetch()
    value = answer.json()[0]["value"]
    assert "payload" not in value
    assert "metadata" in value


async def test_another_key_opens_another_server():
    async with DevServer(trigger_secret_key=SecretStr("tr_dev_mine")) as server:
        run = server.trigger.start_run()
        async with client(server) as http:
            assert (await follow(server, http, run).fetch()).status_code == 200
        async with client(server, "tr_dev_is_not_secret") as http:
            assert (await follow(server, http, run).fetch()).status_code == 401
