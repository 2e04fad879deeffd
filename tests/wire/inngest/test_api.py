"""The HTTP API: what is asked, and what the answers mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from rx_realtime.errors import Forbidden, NotAuthorized, NotFound, PayloadError, Refused, WireError
from rx_realtime.models import ABSENT, RunStatus
from rx_realtime.wire import Request, Response
from rx_realtime.wire.inngest import Account, Run
from rx_realtime.wire.inngest.api import (
    MAX_CHUNK,
    MAX_PAYLOAD,
    cancel_request,
    check,
    cut,
    decode_event_ids,
    decode_run,
    decode_runs,
    decode_token,
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


# ── answers ───────────────────────────────────────────────────────────────────────────────────


def answer(status: int, body: bytes | str | object, **headers: str) -> Response:
    if not isinstance(body, bytes | str):
        body = json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, named, body.encode() if isinstance(body, str) else body)


RUN = {
    "run_id": "01M7YM2DCV77D097PK4C8MGD5W",
    "run_started_at": "2026-11-21T08:37:51.643Z",
    "function_id": "f",
    "event_id": "e",
    "status": "Completed",
    "ended_at": "2026-11-21T08:37:55.077775267Z",
    "output": {"x": 1},
    "new": "field",
}


def test_answers_give_what_was_asked_for():
    assert decode_token(answer(201, {"jwt": "canary"})) == KEY
    assert decode_event_ids(answer(200, {"ids": ["a", "b"], "status": 200})) == ("a", "b")
    assert decode_runs(answer(200, {"data": [], "metadata": {}})) == ()
    run = decode_run(answer(200, {"data": RUN}))
    assert decode_runs(answer(200, {"data": [RUN]})) == (run,)
    assert run.run_id == RUN["run_id"]
    assert run.output == {"x": 1}
    assert run.ended_at == datetime(2026, 11, 21, 8, 37, 55, 77775, UTC)
    assert run.model_extra == {"new": "field"}


@pytest.mark.parametrize(
    ("status", "meaning", "result"),
    [
        ("Scheduled", None, ABSENT),
        ("Running", RunStatus.RUNNING, ABSENT),
        ("Completed", RunStatus.COMPLETED, {"x": 1}),
        ("Failed", RunStatus.FAILED, ABSENT),
        ("Cancelled", RunStatus.CANCELLED, ABSENT),
    ],
)
def test_a_run_says_how_it_changed(status: str, meaning: RunStatus | None, result: object):
    run = Run.model_validate({**RUN, "status": status})
    change = run.change()
    assert change.status is meaning
    assert change.result == result
    assert change.run_id == run.run_id
    assert change.at == run.ended_at


DECODERS = [decode_token, decode_event_ids, decode_run, decode_runs]
NO_ANSWERS: dict[str, Response] = {
    "nothing": answer(204, b""),
    "a login page": answer(200, "<html>canary</html>", content_type="text/html"),
    "another object": answer(200, {"secret": "canary"}),
    "the right words and nonsense behind them": answer(
        200, {"jwt": ["canary"], "ids": "canary", "data": "canary"}
    ),
    "invalid UTF-8": answer(200, b'{"jwt":"canary\xff"}'),
    "deep nesting": answer(200, b"[" * 10_000),
    "null": answer(200, None),
}


@pytest.mark.parametrize("decode", DECODERS, ids=lambda decode: decode.__name__)
@pytest.mark.parametrize("response", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_an_answer_to_something_else_is_an_error_that_shows_nothing_of_it(
    decode: Callable[[Response], object], response: Response
):
    with pytest.raises(WireError, match=f"the server answered {response.status} without") as caught:
        decode(response)
    assert "canary" not in str(caught.value)
    assert caught.value.__context__ is None  # nor does anything that hangs on it


def test_an_answer_to_something_else_says_what_kind_it_is():
    with pytest.raises(WireError, match="text/html"):
        decode_token(NO_ANSWERS["a login page"])


REFUSALS: dict[str, tuple[Response, type[Refused], str]] = {
    "in the server's form": (
        answer(401, {"error": "Not authenticated", "data": None, "status": 401}),
        NotAuthorized,
        "the server answered 401: Not authenticated",
    ),
    "as text": (
        answer(401, "Authentication failed\n"),
        NotAuthorized,
        "the server answered 401: Authentication failed",
    ),
    "without a word": (answer(405, ""), Refused, "the server answered 405"),
    "403": (answer(403, ""), Forbidden, "the server answered 403"),
    "404": (answer(404, "404 page not found\n"), NotFound, "the server answered 404: 404 page"),
    "a page": (answer(502, " <html>nginx</html>"), Refused, "the server answered 502"),
    "a redirect": (answer(302, ""), Refused, "the server answered 302"),
    "an error that is an object": (
        answer(400, {"error": {"code": 1}}),
        Refused,
        'the server answered 400: {"error": {"code": 1}}',
    ),
    "an error that is null": (
        answer(400, {"error": None}),
        Refused,
        'the server answered 400: {"error": null}',
    ),
    "a long story": (answer(500, "x" * 10_000), Refused, "the server answered 500: xxx"),
    "a long story in the server's form": (
        answer(500, {"error": "x" * 10_000}),
        Refused,
        "the server answered 500: xxx",
    ),
    "bytes": (answer(500, b"\xff\x00"), Refused, "the server answered 500: \ufffd"),
    "deep nesting": (answer(500, b"[" * 100_000), Refused, "the server answered 500: [[["),
}


@pytest.mark.parametrize(("response", "error", "words"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_is_an_error_of_its_kind_in_the_servers_words(
    response: Response, error: type[Refused], words: str
):
    with pytest.raises(Refused) as caught:
        decode_run(response)
    assert type(caught.value) is error
    assert caught.value.status == response.status
    assert str(caught.value).startswith(words)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_success_is_no_refusal(status: int):
    check(answer(status, ""))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("86400", 3600.0),
        ("9" * 400, 3600.0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_the_server_may_ask_for_patience_within_reason(header: str, seconds: float | None):
    with pytest.raises(Refused) as caught:
        check(answer(429, "", retry_after=header))
    assert caught.value.retry_after == seconds


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
