from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from rx_realtime.models import RunStatus
from rx_realtime.wire.base import Response
from rx_realtime.wire.inngest.answers import (
    RunRow,
    RunState,
    encode_error,
    encode_event_ids,
    encode_run,
    encode_runs,
    encode_token,
    failure,
    function_uuid,
)
from rx_realtime.wire.inngest.decode_answers import (
    decode_event_ids,
    decode_run,
    decode_runs,
    decode_token,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def answer(body: bytes) -> Response:
    return Response(200, {}, body)


def row(state: RunState = RunState.RUNNING, **more: Any) -> RunRow:
    return RunRow("run", "demo", "event", state, NOW, **more)


def test_an_error_is_the_bytes_of_the_real_server():
    assert encode_error("Not authenticated", 401) == (
        b'{"error":"Not authenticated","data":null,"status":401}\n'
    )


def test_tokens_and_ids_are_read_by_our_own_client():
    assert decode_token(answer(encode_token("a.b.c"))).get_secret_value() == "a.b.c"
    assert decode_event_ids(answer(encode_event_ids(["1", "2"]))) == ("1", "2")
    assert encode_event_ids(["1"]) == b'{"ids":["1"],"status":200}\n'


def test_a_run_is_the_bytes_of_the_real_server():
    text = encode_run(row(RunState.FAILED, ended_at=NOW, output={"a": 1}), "env", NOW).decode()
    function = function_uuid("demo")
    assert text == (
        '{"data":{"run_id":"run","run_started_at":"2026-01-02T03:04:05.678Z",'
        f'"function_id":"{function}","function_version":0,"environment_id":"env",'
        '"event_id":"event","status":"Failed","ended_at":"2026-01-02T03:04:05.678901Z",'
        '"output":{"a":1}},"metadata":{"fetched_at":"2026-01-02T03:04:05.678901Z",'
        '"cached_until":"2026-01-02T03:04:08.678901Z"}}\n'
    )


@pytest.mark.parametrize("state", RunState)
def test_our_own_client_understands_every_state(state: RunState):
    output = {"x": 1} if state.is_terminal else None
    run = decode_run(answer(encode_run(row(state, output=output), "env", NOW)))
    assert run.status == state
    assert run.change().status == RunStatus.parse(state.value)
    assert (run.change().status or RunStatus.RUNNING).is_terminal == state.is_terminal
    [listed] = decode_runs(answer(encode_runs([row(state)], NOW)))
    assert (listed.run_id, listed.status, listed.output) == ("run", state, None)


def test_a_run_that_goes_on_has_no_output():
    assert "output" not in json.loads(encode_run(row(), "env", NOW))["data"]
    done = row(RunState.COMPLETED)
    assert json.loads(encode_run(done, "env", NOW))["data"]["output"] is None


def test_a_failure_says_what_and_why():
    assert failure(ValueError("boom")) == {
        "__serialized": True,
        "message": "boom",
        "name": "ValueError",
        "stack": "ValueError: boom",
    }


def test_a_function_has_one_id():
    assert function_uuid("a") == function_uuid("a") != function_uuid("b")
    assert str(uuid.UUID(function_uuid("a"))) == function_uuid("a")
