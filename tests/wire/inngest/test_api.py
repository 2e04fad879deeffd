"""The HTTP API: what is asked."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from rx_realtime.errors import PayloadError
from rx_realtime.wire import Request
from rx_realtime.wire.inngest import Account
from rx_realtime.wire.inngest.api import (
    MAX_CHUNK,
    MAX_PAYLOAD,
    cancel_request,
    cut,
    event_request,
    publish_request,
    run_request,
    runs_request,
    token_request,
)

ACCOUNT = Account("http://api:1/", "http://events:2/", is_dev=False, env="branch")
KEY = SecretStr("canary")

# ── requests ──────────────────────────────────────────────────────────────────────────────────

REQUESTS: dict[str, tuple[Request, str, str, bytes | None]] = {
    "a token": (
        token_request(ACCOUNT, "ch", ["t", "u"], KEY),
        "POST",
        "http://api:1/v1/realtime/token",
        (
            b'[{"kind": "run", "channel": "ch", "name": "t"}, '
            b'{"kind": "run", "channel": "ch", "name": "u"}]'
        ),
    ),
    "publish": (
        publish_request(ACCOUNT, "user:1", "$a b", b"{}", KEY),
        "POST",
        "http://api:1/v1/realtime/publish?channel=user%3A1&topic=%24a+b",
        b"{}",
    ),
    "publish with everything": (
        publish_request(ACCOUNT, "c", "t", None, KEY, run_id="r", metadata={"m": "é&"}),
        "POST",
        (
            "http://api:1/v1/realtime/publish?channel=c&topic=t&run_id=r"
            "&metadata=%7B%22m%22%3A%22%5Cu00e9%26%22%7D"
        ),
        None,
    ),
    "the runs of an event": (
        runs_request(ACCOUNT, "e/1", KEY, nonce="7"),
        "GET",
        "http://api:1/v1/events/e%2F1/runs?_=7",
        None,
    ),
    "a run": (
        run_request(ACCOUNT, "../r", KEY, nonce="7"),
        "GET",
        "http://api:1/v1/runs/..%2Fr?_=7",
        None,
    ),
    "cancel a run": (
        cancel_request(ACCOUNT, "r", KEY),
        "DELETE",
        "http://api:1/v1/runs/r",
        None,
    ),
}


@pytest.mark.parametrize(
    ("request_", "method", "url", "body"), REQUESTS.values(), ids=REQUESTS.keys()
)
def test_a_request_is_written_as_the_server_reads_it(
    request_: Request, method: str, url: str, body: bytes | None
):
    assert (request_.method, request_.url, request_.body) == (method, url, body)
    assert request_.token == KEY
    assert request_.headers["x-inngest-env"] == "branch"
    assert "canary" not in repr(request_)


def test_events_go_to_their_own_server_with_the_key_in_the_path_and_out_of_sight():
    account = Account("http://api", "http://events", is_dev=False, event_key=SecretStr("canary/+"))
    request = event_request(account, [{"name": "a/b", "data": {}}])
    assert request.url == "http://events/e/canary%2F%2B"
    assert json.loads(request.body or b"") == [{"name": "a/b", "data": {}}]
    assert "canary" not in repr(request)


def test_a_dev_server_takes_events_under_any_key():
    request = event_request(Account("http://a", "http://e", is_dev=True), [])
    assert request.url == "http://e/e/rx-realtime"
    assert "rx-realtime" in repr(request)


def test_metadata_arrives_as_it_was_given():
    request = publish_request(ACCOUNT, "c", "t", b"", None, metadata=["é", {"&=": None}])
    query = parse_qs(urlsplit(request.url).query)
    assert json.loads(query["metadata"][0]) == ["é", {"&=": None}]


def test_a_payload_is_refused_before_the_server_would_cut_it_off():
    publish_request(ACCOUNT, "c", "t", b"x" * MAX_PAYLOAD, None)
    with pytest.raises(PayloadError, match="524289 bytes"):
        publish_request(ACCOUNT, "c", "t", b"x" * (MAX_PAYLOAD + 1), None)


LOOP: list[Any] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), object(), b"", {1, 2}, LOOP, {(): 1}]
)
def test_what_json_cannot_say_is_refused_before_the_server_would_drop_it(value: Any):
    with pytest.raises(PayloadError, match="the metadata cannot be said in JSON"):
        publish_request(ACCOUNT, "c", "t", b"", None, metadata=value)
    with pytest.raises(PayloadError, match="the events cannot be said in JSON"):
        event_request(ACCOUNT, [{"name": "a", "data": value}])


# ── text streams ──────────────────────────────────────────────────────────────────────────────

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT, st.integers(4, 20))
def test_text_is_cut_between_characters_and_joins_again(text: str, size: int):
    pieces = list(cut(text, size))
    assert "".join(piece.decode() for piece in pieces) == text
    assert all(0 < len(piece) <= size for piece in pieces)
    # None could have taken in the first character of the next.
    firsts = (piece.decode()[0].encode() for piece in pieces[1:])
    assert all(len(piece) + len(first) > size for piece, first in zip(pieces, firsts, strict=False))


def test_text_is_cut_into_what_the_server_reads_at_once():
    assert [len(piece) for piece in cut("é" * 1000)] == [MAX_CHUNK, 2000 - MAX_CHUNK]
    assert [len(piece) for piece in cut("a" + "é" * 1000)] == [MAX_CHUNK - 1, 2002 - MAX_CHUNK]


def test_no_text_has_no_pieces():
    assert list(cut("")) == []
