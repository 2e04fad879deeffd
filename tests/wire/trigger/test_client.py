"""Addresses, feeds, rows and calls, without a server."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from rx_realtime.errors import OptionError, PayloadError, WireError
from rx_realtime.models import (
    ABSENT,
    Invalid,
    RowDeleted,
    RunChanged,
    RunStatus,
    SubscriptionToken,
    TriggerStatus,
)
from rx_realtime.wire import Response
from rx_realtime.wire.trigger import Account
from rx_realtime.wire.trigger.api import (
    batch_items_request,
    batch_request,
    decode_accepted,
    metadata_request,
    trigger_request,
)
from rx_realtime.wire.trigger.feeds import run_feed, runs_feed, spell_duration
from rx_realtime.wire.trigger.rows import decode_error, decode_row, decode_time, is_older
from rx_realtime.wire.trigger.superjson import revive
from tests.virtual_trigger import changed, done, row, rows

ACCOUNT = Account("https://h", SecretStr("tr_dev_canary"))
TOKEN = SubscriptionToken(SecretStr("key"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)

# ── where, and with which key ─────────────────────────────────────────────────────────────────


def test_the_environment_says_where_and_with_which_key():
    account = Account.of(
        {
            "TRIGGER_SECRET_KEY": "tr_dev_x",
            "TRIGGER_ACCESS_TOKEN": "other",
            "TRIGGER_API_URL": "http://localhost:3030/",
            "TRIGGER_PREVIEW_BRANCH": "feature",
        }
    )
    assert account.api_url == "http://localhost:3030"
    assert account.key == SecretStr("tr_dev_x")
    assert account.headers()["x-trigger-branch"] == "feature"


def test_without_an_environment_it_is_the_cloud_and_a_token_does_where_there_is_no_key():
    assert Account.of({}) == Account("https://api.trigger.dev")
    assert Account.of({"TRIGGER_ACCESS_TOKEN": "t"}).key == SecretStr("t")
    assert Account.of({"TRIGGER_API_URL": "http://a"}, "http://b").api_url == "http://b"


@pytest.mark.parametrize("url", ["", "x", "ftp://h", "http://", "http://u:p@h", "http://h:x"])
def test_what_is_no_base_url_is_refused(url: str):
    with pytest.raises(OptionError, match="base URL"):
        Account.of({"TRIGGER_API_URL": url or "x"})


def test_no_key_is_shown():
    feed = run_feed(ACCOUNT, "run_1").open(SubscriptionToken(SecretStr("tr_dev_canary")))
    call = trigger_request(ACCOUNT, "task", {"a": 1}, {}, nonce="n")
    assert "canary" not in repr((ACCOUNT, feed, call))


@pytest.mark.parametrize(
    ("given", "spelled"),
    [("1h30m", "1h30m"), (timedelta(hours=1), "3600s"), (timedelta(days=1), "86400s")],
)
def test_a_window_is_spelled_as_the_server_reads_it(given: str | timedelta, spelled: str):
    assert spell_duration(given) == spelled


def test_a_window_of_nothing_is_none():
    with pytest.raises(OptionError):
        spell_duration(timedelta(0))


# ── runs in feeds ─────────────────────────────────────────────────────────────────────────────


def test_the_end_of_a_run_has_its_output_as_result():
    wire = run_feed(ACCOUNT, "run_1")
    wire, updates = wire.receive(rows(row()))
    change = updates[0]
    assert isinstance(change, RunChanged)
    assert (change.status, change.result, change.run_id) == (RunStatus.RUNNING, ABSENT, "run_1")
    wire, updates = wire.receive(rows(done(output='{"n":1}')))
    change = updates[0]
    assert isinstance(change, RunChanged)
    assert (change.status, change.result) == (RunStatus.COMPLETED, {"n": 1})
    assert change.is_terminal


def test_a_row_that_is_no_run_costs_only_itself():
    wire = runs_feed(ACCOUNT)
    broken = row("run_a", without=["friendlyId"])
    wire, updates = wire.receive(rows(broken, row("run_b")))
    assert [type(each) for each in updates[:2]] == [Invalid, RunChanged]
    wire, updates = wire.receive(rows(changed("run_a", "delete"), changed("run_b", "delete")))
    assert [each.key for each in updates if isinstance(each, RowDeleted)][1] == "run_b"


def test_who_was_away_looks_first():
    wire, _ = run_feed(ACCOUNT, "run_1").receive(rows(row()))
    assert "live=true" in wire.open(TOKEN).request.url
    assert "live" not in wire.rested().open(TOKEN).request.url


@pytest.mark.parametrize("word", [*TriggerStatus, "HIBERNATING"])
def test_a_run_with_an_end_is_over_whatever_its_status(word: str):
    run = decode_row(row(status=word, completedAt="2026-06-06T10:00:00")["value"])
    assert run.is_terminal
    assert run.run_status.is_terminal


@given(JSON)
def test_no_row_is_worse_than_a_wire_error(value: Any):
    whole = row()["value"]
    for name in whole:
        try:
            decode_row({**whole, name: value})
        except WireError:
            assert name in ("friendlyId", "status", "createdAt")
    assert decode_error(value) is None or value is not None


@given(JSON, JSON)
def test_notes_of_superjson_may_say_anything(value: Any, notes: Any):
    revive(value, {"values": notes})
    revive(value, notes)


def test_deep_notes_are_left_alone():
    notes: Any = ["Date"]
    for _ in range(5000):
        notes = {"a": notes}
    assert revive({"a": 1}, {"values": notes}) == {"a": 1}


def test_age_is_told_by_the_time_of_the_update():
    older, newer = row(at=1)["value"], row(at=2)["value"]
    assert is_older(older, newer)
    assert not is_older(newer, older)
    assert not is_older(older, older)
    assert not is_older({}, newer)
    assert decode_time("yesterday") is None


# ── calls ─────────────────────────────────────────────────────────────────────────────────────


def test_a_task_is_triggered_with_a_packet_and_a_number_of_its_own():
    request = trigger_request(ACCOUNT, "a/b", {"x": 1}, {"tags": ["t"]}, nonce="n-1")
    assert request.url == "https://h/api/v1/tasks/a%2Fb/trigger"
    assert request.headers["x-trigger-request-idempotency-key"] == "n-1"
    assert json.loads(request.body or b"") == {
        "payload": '{"x":1}',
        "options": {"tags": ["t"], "payloadType": "application/json"},
    }


def test_no_payload_is_none():
    request = trigger_request(ACCOUNT, "t", None, {}, nonce="n")
    assert json.loads(request.body or b"") == {"options": {"payloadType": "application/json"}}


def test_what_is_too_much_is_refused_before_it_is_sent():
    with pytest.raises(PayloadError):
        batch_request(ACCOUNT, 1001, tasks=[], options={}, nonce="n")
    with pytest.raises(PayloadError):
        batch_items_request(ACCOUNT, "batch_1", [("t", "x" * 4_000_000, {})])
    with pytest.raises(PayloadError):
        metadata_request(ACCOUNT, "run_1", {"metadata": {"x": "y" * 3_000_000}})
    with pytest.raises(PayloadError):
        metadata_request(ACCOUNT, "run_1", {"metadata": {"x": object()}})


def test_an_answer_that_is_none_shows_nothing_of_itself():
    with pytest.raises(WireError) as caught:
        decode_accepted(Response(200, {"content-type": "text/html"}, b"canary"))
    assert "canary" not in str(caught.value) + repr(caught.value.__context__)


def test_every_field_of_a_run_is_read_sooner_or_later() -> None:
    whole = row(payload='{"a":1}', runTags='{"x"}', startedAt="2026-06-06T10:00:00")["value"]
    run = decode_row({**whole, "runTags": ["x"]})
    assert {field.name: getattr(run, field.name) for field in fields(run)}["tags"] == ("x",)
    assert run == replace(run)  # all of them, copied
