from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from rx_realtime.cli.lines import json_line, line
from rx_realtime.cli.said import say
from rx_realtime.errors import ConnectionLost
from rx_realtime.models import Message, PauseReason, RunStatus, Update
from rx_realtime.models.update import (
    CaughtUp,
    Chunk,
    Closed,
    Connecting,
    Delivered,
    Draining,
    Failed,
    Gap,
    Idle,
    Invalid,
    Limited,
    Opened,
    Paused,
    Raw,
    Received,
    Reset,
    Restarted,
    Retrying,
    RowChanged,
    RowDeleted,
    RunChanged,
    StepChanged,
    StreamClosed,
    StreamControl,
    StreamFailed,
    StreamOpened,
    Unrecognised,
)

AT = datetime(2026, 3, 4, 12, 30, 5, 60_000, UTC)
LOST = ConnectionLost(1006)

SPOKEN: list[tuple[Update, str]] = [
    (Idle(), "* connection idle"),
    (Connecting(), "* connection connecting"),
    (Opened(), "* connection open"),
    (Closed(), "* connection closed"),
    (Closed(LOST), "* connection closed: the connection was lost with code 1006"),
    (Failed(LOST), "* connection error: the connection was lost with code 1006"),
    (Paused(PauseReason.HIDDEN), "* connection paused: hidden"),
    (Retrying(2, 0.51, LOST), "* trying again in 0.5 s (attempt 2)"),
    (
        Gap("lost", AT, AT + timedelta(seconds=1.5)),
        "* not listening for 1.5 s: messages may have been missed",
    ),
    (Draining(), "* draining"),
    (Received(Message("c", "status", {"percent": 5})), 'status: {"percent": 5}'),
    (Received(Message("c", "log", "a\nb\x1b[2J")), "log: a b[2J"),
    (Received(Message("c", "log", None)), "log: null"),
    (StreamOpened("s1", "c", "text"), "* text: the stream begins"),
    (Chunk("s1", "text", "once "), "text> once "),
    (StreamClosed("s1", "text"), "* text: the stream ends"),
    (StreamControl("s1", "text", "turn-complete"), "* text: turn-complete"),
    (
        StreamFailed("s1", "text", LOST),
        "* text: the stream failed: the connection was lost with code 1006",
    ),
    (RunChanged(RunStatus.RUNNING), "* run running"),
    (RunChanged(RunStatus.COMPLETED, result=None), "* run completed"),
    (RunChanged(RunStatus.COMPLETED, result={"ok": 1}), '* run completed: {"ok": 1}'),
    (
        RunChanged(
            RunStatus.FAILED, data={"error": {"name": "ValueError", "message": "no\x1b film"}}
        ),
        "* run failed: ValueError: no film",
    ),
    (RunChanged(RunStatus.FAILED, data={"output": "no film"}), "* run failed: no film"),
    (StepChanged("$step", {"name": "cut"}), '* step: data {"name": "cut"}'),
    (RowChanged("run_1", {"status": "x"}), '* row: key run_1, data {"status": "x"}'),
    (RowDeleted("run_1"), "* row-deleted: key run_1"),
    (CaughtUp(2), "* caught-up: rows 2"),
    (Restarted(), "* restarted"),
    (Raw(b"data: \xff\n\n"), "* raw: data data: \\xff  "),
    (
        Invalid("percent: not a number", "status"),
        "* invalid: topic status, why percent: not a number",
    ),
    (Unrecognised("kind 'x'", '{"kind":"x"}'), '* unrecognised: why kind \'x\', text {"kind":"x"}'),
]
SILENT: list[Update] = [Delivered(()), Reset(), Limited(3)]


@pytest.mark.parametrize(("update", "words"), SPOKEN)
def test_an_update_is_one_line_that_says_when_and_what(update: Update, words: str):
    said = say(update)
    assert said is not None
    assert line(said, AT) == f"12:30:05.060 {words}"


@pytest.mark.parametrize("update", [update for update, _ in SPOKEN])
def test_an_update_is_one_json_object_that_says_its_kind(update: Update):
    said = say(update)
    assert said is not None
    text = json_line(said, AT)
    read: dict[str, Any] = json.loads(text)
    assert read["at"] == "2026-03-04T12:30:05.060000+00:00"
    assert "kind" in read
    assert "\n" not in text


@pytest.mark.parametrize("update", SILENT)
def test_what_only_views_have_to_know_is_not_said(update: Update):
    assert say(update) is None


def test_no_kind_of_update_is_forgotten():
    assert {type(update) for update, _ in SPOKEN} | set(map(type, SILENT)) == set(get_args(Update))


def test_json_keeps_what_a_message_carries():
    message = Message("c", "t", {"x": 1}, AT, run_id="R", metadata={"m": [1]})
    said = say(Received(message))
    assert said == {
        "kind": "message",
        "topic": "t",
        "data": {"x": 1},
        "created_at": AT.isoformat(),
        "run_id": "R",
        "metadata": {"m": [1]},
    }
