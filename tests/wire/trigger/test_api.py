"""Calls: what is asked."""

from __future__ import annotations

import json

import pytest
from pydantic import SecretStr

from rx_realtime.errors import PayloadError
from rx_realtime.models import SubscriptionToken
from rx_realtime.wire.trigger import Account
from rx_realtime.wire.trigger.api import (
    batch_items_request,
    batch_request,
    metadata_request,
    trigger_request,
)
from rx_realtime.wire.trigger.feeds import run_feed

ACCOUNT = Account("https://h", SecretStr("tr_dev_canary"))


def test_no_key_is_shown():
    feed = run_feed(ACCOUNT, "run_1").open(SubscriptionToken(SecretStr("tr_dev_canary")))
    call = trigger_request(ACCOUNT, "task", {"a": 1}, {}, nonce="n")
    assert "canary" not in repr((ACCOUNT, feed, call))


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
