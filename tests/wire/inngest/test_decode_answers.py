"""The HTTP API: what the answers mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from rx_realtime.errors import Forbidden, NotAuthorized, NotFound, Refused, WireError
from rx_realtime.models import ABSENT, RunStatus
from rx_realtime.wire import Response
from rx_realtime.wire.inngest import Run
from rx_realtime.wire.inngest.decode_answers import (
    decode_event_ids,
    decode_run,
    decode_runs,
    decode_token,
)


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
    assert decode_token(answer(201, {"jwt": "canary"})) == SecretStr("canary")
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
