"""What is asked when a stream is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from rx_realtime.errors import OptionError, PayloadError, Refused, WireError
from rx_realtime.wire import Response
from rx_realtime.wire.trigger import Account
from rx_realtime.wire.trigger.ingest import (
    create_request,
    decode_created,
    decode_probe,
    input_request,
    probe_request,
)

ACCOUNT = Account("https://api.trigger.dev", SecretStr("tr_dev_canary"))
BASE = "https://api.trigger.dev/realtime/v1/streams"
JSON = {"content-type": "application/json"}


def test_a_stream_is_created_in_the_run_that_is_meant() -> None:
    request = create_request(ACCOUNT, "run_1", "parent", "a/b")
    assert (request.method, request.url) == ("PUT", f"{BASE}/run_1/parent/a%2Fb")
    other: Any = "else"
    with pytest.raises(OptionError):
        create_request(ACCOUNT, "run_1", other, "ai")


def test_a_message_to_an_input_stream_is_wrapped() -> None:
    request = input_request(ACCOUNT, "run_1", "approval", {"ok": True})
    assert (request.method, request.url) == ("POST", f"{BASE}/run_1/input/approval")
    assert request.body is not None
    assert json.loads(request.body) == {"data": {"ok": True}}
    with pytest.raises(PayloadError):
        input_request(ACCOUNT, "run_1", "approval", "x" * (1 << 20))
    with pytest.raises(PayloadError):
        input_request(ACCOUNT, "run_1", "approval", float("nan"))


@pytest.mark.parametrize(
    ("index", "last"), [("7", 7), ("-1", -1), ("", -1), ("x", -1), ("9" * 30, -1)]
)
def test_a_probe_tells_what_is_stored(index: str, last: int) -> None:
    assert probe_request(ACCOUNT, "run_1", "self", "ai", client_id="c").method == "HEAD"
    assert decode_probe(Response(200, {"x-last-chunk-index": index}, b"")) == last


def test_the_answer_says_where_the_stream_is_kept() -> None:
    assert decode_created(Response(202, JSON, b'{"version":"v1"}')) == "v1"
    assert decode_created(Response(202, {"X-S2-Access-Token": "t"}, b'{"version":"v2"}')) == "v2"
    with pytest.raises(WireError):
        decode_created(Response(200, {"content-type": "text/html"}, b"<html>"))
    with pytest.raises(Refused):
        decode_created(Response(400, {}, b"Cannot initialize a realtime stream on a completed run"))
