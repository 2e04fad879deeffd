"""Triggering, tokens and stored values, against the dev server.

The numbers are those of the table of cases that CONTRIBUTING.md describes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
import pytest_asyncio
from pydantic import SecretStr

import rx_realtime as rxr
from rx_realtime.models import Invalid, SubscriptionToken
from rx_realtime.server import DevServer, TaskRun, TriggerLimits
from rx_realtime.sources.trigger.triggering import _granted
from rx_realtime.wire import Response
from rx_realtime.wire.trigger import Account
from rx_realtime.wire.trigger.claims import AUDIENCE, ISSUER
from tests.scripted import Asked, reply, scripted

trigger = rxr.trigger
ADDITIONAL = "tr_dev_sk_" + "a" * 24


@pytest_asyncio.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DevServer]:
    """A dev server that the environment names, with a task that returns what it is given."""
    limits = TriggerLimits(max_inline=200)
    async with DevServer(trigger_limits=limits, trigger_additional_keys=[ADDITIONAL]) as server:
        monkeypatch.setenv("TRIGGER_API_URL", server.url)
        monkeypatch.setenv("TRIGGER_SECRET_KEY", server.trigger.secret_key.get_secret_value())

        @server.trigger.task("echo")
        async def echo(run: TaskRun, payload: Any) -> Any:
            await run.set_metadata({"progress": {"percentage": 50}})
            return payload

        yield server


def claims_of(token: SubscriptionToken | None) -> dict[str, Any]:
    assert token is not None
    return dict(jwt.decode(token.key.get_secret_value(), options={"verify_signature": False}))


def requests_to(server: DevServer, path: str) -> int:
    return sum(path in each.path for each in server.requests)


# ── stored values ─────────────────────────────────────────────────────────────────────────────


async def test_a_value_that_is_kept_elsewhere_is_fetched(server: DevServer) -> None:
    """Case 22."""
    long = "x" * 1000
    run = await trigger.trigger_and_subscribe("echo", {"text": long}, skip_columns=())
    assert run.payload == {"text": long}
    assert run.output == {"text": long}


async def test_a_value_that_cannot_be_fetched_is_no_end_of_the_feed(server: DevServer) -> None:
    """Case 22."""
    run = server.trigger.start_run("echo")
    seen: list[Any] = []
    held = trigger.subscribe(run.id).subscribe(seen.append)
    await run.change(output="nowhere", output_type="application/store")
    found = await trigger.run(run.id, stop_on_completion=False).iterate().__anext__()
    assert found.output == trigger.Stored("nowhere", "output")
    await run.complete("short")
    async with asyncio.timeout(5):
        done = await trigger.run(run.id)
    assert done.output == "short"
    assert any(isinstance(each, Invalid) for each in seen)
    held.dispose()


# ── triggering ────────────────────────────────────────────────────────────────────────────────


async def test_the_token_of_a_handle_is_the_one_that_came_with_the_answer(
    server: DevServer,
) -> None:
    """Case 63."""
    handle = await trigger.trigger("echo", 1)
    claims = claims_of(handle.token)
    assert f"read:runs:{handle.id}" in claims["scopes"]
    assert (await trigger.run(handle.id, token=handle.token)).output == 1


@pytest.mark.parametrize(
    "said", ['{"sub":"env_1","pub":true}', '{"sub":"env_1","pub":true,"scopes":[]}']
)
def test_claims_that_come_without_a_token_are_signed_here(said: str) -> None:
    """Case 63."""
    account = Account("https://h", SecretStr("tr_dev_short"))
    answer = Response(200, {"x-trigger-jwt-claims": said}, b"")
    token = _granted(account, answer, "read:runs:run_1")
    claims = claims_of(token)
    assert claims["scopes"] == ["read:runs:run_1"]
    assert (claims["sub"], claims["iss"], claims["aud"]) == ("env_1", ISSUER, AUDIENCE)
    assert claims["exp"] - claims["iat"] == 3600
    assert token is not None
    header = jwt.get_unverified_header(token.key.get_secret_value())
    assert header == {"alg": "HS256"}


@pytest.mark.parametrize("said", ["{", "7", "[]", "null", '{"pub":false}'])
def test_claims_that_are_none_make_no_token(said: str) -> None:
    account = Account("https://h", SecretStr("tr_dev_short"))
    assert _granted(account, Response(200, {"x-trigger-jwt-claims": said}, b""), "x") is None


async def test_a_public_token_is_signed_here_and_lasts_for_a_quarter_of_an_hour(
    server: DevServer,
) -> None:
    """Case 64."""
    token = await trigger.create_public_token(
        read={"runs": ["run_1", "run:with:colons"], "tags": "user:1", "batch": True},
        skip_columns=["payload"],
    )
    claims = claims_of(token)
    assert claims["scopes"] == [
        "read:runs:run_1", "read:runs:run:with:colons", "read:tags:user:1", "read:batch",
    ]  # fmt: skip
    assert claims["exp"] - claims["iat"] == 15 * 60
    assert claims["realtime"] == {"skipColumns": ["payload"]}
    assert requests_to(server, "/auth/jwt/claims") == 1
    server.trigger.start_run("echo", "secret", tags=["user:1"])
    async for run in trigger.runs("user:1", token=token):
        assert run.payload is None
        break
    other = server.trigger.start_run("echo")
    with pytest.raises(rxr.Forbidden):
        await trigger.run(other.id, token=token)


async def test_a_key_that_cannot_sign_has_the_server_mint(
    server: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 64."""
    monkeypatch.setenv("TRIGGER_SECRET_KEY", ADDITIONAL)
    token = await trigger.create_public_token(read={"runs": "run_1"}, lifetime=60)
    assert claims_of(token)["scopes"] == ["read:runs:run_1"]
    assert requests_to(server, "/auth/public-tokens") == 1


@pytest.mark.parametrize(
    "options", [{}, {"read": {"runs": " "}}, {"read": {"runs": True}, "lifetime": 31 * 86_400}]
)
def test_tokens_that_open_nothing_or_too_much_are_refused(options: dict[str, Any]) -> None:
    """Case 64."""
    with pytest.raises(rxr.OptionError):
        trigger.create_public_token(**options)


async def test_an_answer_that_was_lost_triggers_no_second_run(server: DevServer) -> None:
    """Case 65."""
    server.trigger.faults.refuse(503, path="/api/v1/tasks/echo/trigger")
    handle = await trigger.trigger("echo", 1)
    assert requests_to(server, "/trigger") == 2
    run = await trigger.retrieve(handle.id)
    assert run.task_identifier == "echo"


async def test_a_run_is_followed_with_the_token_that_came_with_it(
    server: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 66."""
    token = await trigger.create_trigger_public_token("echo")
    monkeypatch.delenv("TRIGGER_SECRET_KEY")
    run = await trigger.trigger_and_subscribe("echo", "hi", token=token)
    assert (run.status, run.output, run.payload) == ("COMPLETED", "hi", None)


async def test_what_is_wrong_with_triggering_and_with_following_is_an_error(
    server: DevServer,
) -> None:
    """Case 66."""
    with pytest.raises(rxr.NotAuthorized):
        await trigger.trigger_and_subscribe("echo", token="tr_dev_wrong")
    server.trigger.faults.refuse(422)
    with pytest.raises(rxr.Refused, match="422"):
        await trigger.trigger_and_subscribe("echo")


async def test_a_batch_is_made_filled_and_followed(server: DevServer) -> None:
    """Case 67."""
    batch = await trigger.batch_trigger(
        [("echo", 1), ("echo", "two", trigger.TriggerOptions(tags="t"))]
    )
    assert batch.run_count == 2
    assert f"read:batch:{batch.id}" in claims_of(batch.token)["scopes"]
    async for view in trigger.runs_view(batch_id=batch.id, token=batch.token):
        if len(view.by_id) == 2 and all(run.is_terminal for run in view.runs):
            assert sorted(str(run.output) for run in view.runs) == ["1", "two"]
            break


async def test_the_items_of_a_batch_are_sent_until_all_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Case 67."""
    sealed = iter([b'{"sealed":false}', b'{"sealed":true}'])

    def answer(asked: Asked) -> bytes:
        if asked.target.endswith("/items"):
            return reply(200, next(sealed))
        return reply(202, b'{"id":"batch_1","runCount":2}')

    async with scripted(answer) as server:
        monkeypatch.setenv("TRIGGER_API_URL", server.url)
        monkeypatch.setenv("TRIGGER_SECRET_KEY", "tr_dev_x")
        batch = await trigger.batch_trigger([("a", 1), ("b", "text")])
    assert batch == trigger.BatchHandle("batch_1", 2)
    _, *sent = server.asked
    assert [each.target for each in sent] == ["/api/v3/batches/batch_1/items"] * 2
    assert sent[0].body == sent[1].body
    assert sent[0].headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in sent[0].body.splitlines()]
    assert [(line["index"], line["task"], line["payload"]) for line in lines] == [
        (0, "a", "1"),
        (1, "b", "text"),
    ]


async def test_a_token_for_one_run_triggers_one(server: DevServer) -> None:
    """Case 68."""
    token = await trigger.create_trigger_public_token("echo")
    assert claims_of(token)["otu"] is True
    await trigger.trigger("echo", token=token)
    before = requests_to(server, "/trigger")
    with pytest.raises(rxr.Refused, match="one-time") as caught:
        await trigger.trigger("echo", token=token)
    assert caught.value.status == 422
    assert requests_to(server, "/trigger") == before + 1
    many = await trigger.create_trigger_public_token(["echo"], multiple_use=True)
    assert "otu" not in claims_of(many)


# ── the rest ──────────────────────────────────────────────────────────────────────────────────


async def test_a_run_is_seen_by_the_hook(server: DevServer) -> None:
    run = server.trigger.start_run("echo")
    rt: rxr.Realtime[Any] = trigger.realtime(run.id)
    progress: list[Any] = []
    watched = rt.events.pipe(rxr.ops.metadata("progress.percentage")).subscribe(progress.append)
    async with rt:
        await anext(status async for status in rt.connection_status if status == "open")
        await run.set_status("EXECUTING")
        await run.set_metadata({"progress": {"percentage": 50}})
        await run.complete({"ok": True})
        assert await rt.result == {"ok": True}
    assert (rt.current.run_status, rt.current.connection_status) == ("completed", "closed")
    assert progress == [50]
    watched.dispose()


async def test_runs_are_shown_tagged_told_things_and_cancelled(server: DevServer) -> None:
    run = server.trigger.start_run("echo", {"a": 1})
    await trigger.add_tags(run.id, "new")
    assert await trigger.update_metadata(run.id, {"a": 1}) == {"a": 1}
    set_b = {"type": "set", "key": "b", "value": 2}
    assert await trigger.update_metadata(run.id, operations=[set_b]) == {"a": 1, "b": 2}
    await trigger.cancel(run.id)
    shown = await trigger.retrieve(run.id)
    assert (shown.status, shown.tags, shown.payload) == ("CANCELED", ("new",), {"a": 1})
    assert shown.is_terminal
    with pytest.raises(rxr.OptionError):
        trigger.update_metadata(run.id)


async def test_a_run_is_cancelled_whose_subscriber_leaves(server: DevServer) -> None:
    started = asyncio.Event()

    @server.trigger.task("long")
    async def long(run: TaskRun, payload: Any) -> None:
        started.set()
        await asyncio.Event().wait()

    seen: list[Any] = []
    feed = trigger.trigger_and_subscribe("long", cancel_on_leave=True)
    followed = asyncio.Event()

    def take(run: trigger.Run) -> None:
        seen.append(run)
        followed.set()

    subscription = feed.subscribe(take)
    await started.wait()
    await followed.wait()
    subscription.dispose()
    async with asyncio.timeout(5):
        assert (await trigger.run(seen[0].id)).is_cancelled


def test_everything_works_where_no_loop_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    with DevServer() as server:
        monkeypatch.setenv("TRIGGER_API_URL", server.url)
        monkeypatch.setenv("TRIGGER_SECRET_KEY", server.trigger.secret_key.get_secret_value())

        async def echo(run: TaskRun, payload: Any) -> Any:
            return payload

        server.trigger.task("echo")(echo)
        handle = trigger.trigger("echo", {"n": 1}).run(timeout=10)
        assert trigger.run(handle.id).run(timeout=10).output == {"n": 1}
        statuses = [run.status for run in trigger.run(handle.id).blocking()]
        assert statuses == ["COMPLETED"]


async def test_without_a_key_nothing_is_sent(
    server: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRIGGER_SECRET_KEY")
    monkeypatch.delenv("TRIGGER_ACCESS_TOKEN", raising=False)
    for feed in (trigger.trigger("echo"), trigger.retrieve("run_1"), trigger.run("run_1")):
        with pytest.raises((rxr.OptionError, rxr.TokenError)):
            await feed
    assert not server.requests


@pytest.mark.parametrize(
    "options",
    [
        {"tags": ["x"] * 11},
        {"tags": "x" * 129},
        {"delay": "soon"},
        {"idempotency_key_ttl": "x"},
    ],
)
def test_options_that_cannot_be_used_are_refused_here(options: dict[str, Any]) -> None:
    with pytest.raises(rxr.OptionError):
        trigger.trigger("echo", None, trigger.TriggerOptions(**options))


@pytest.mark.parametrize("payload", [object(), "x" * (3 * 1024 * 1024 + 1)])
async def test_payloads_that_cannot_be_sent_are_refused_here(
    server: DevServer, payload: Any
) -> None:
    with pytest.raises(rxr.PayloadError):
        await trigger.trigger("echo", payload)
    assert not server.requests


def test_the_body_of_a_request_shows_no_key() -> None:
    account = Account("https://h", SecretStr("tr_dev_canary"))
    assert "canary" not in repr(account)
    assert json.dumps(account.headers())
