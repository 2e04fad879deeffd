"""How Inngest speaks about a run, and what of it counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.models import ABSENT, RunStatus
from rx_realtime.wire.inngest.lifecycle import read_run

STATUSES: dict[str, tuple[dict[str, Any], RunStatus | None]] = {
    "status": ({"status": "completed"}, RunStatus.COMPLETED),
    "state": ({"state": "failed"}, RunStatus.FAILED),
    "runStatus": ({"runStatus": "cancelled"}, RunStatus.CANCELLED),
    "runStatus before status": ({"status": "failed", "runStatus": "running"}, RunStatus.RUNNING),
    "status before state": ({"state": "failed", "status": "running"}, RunStatus.RUNNING),
    "the first that we know": (
        {"runStatus": "paused", "status": 5, "state": "Success"},
        RunStatus.COMPLETED,
    ),
    "null counts as nothing": ({"runStatus": None, "status": "running"}, RunStatus.RUNNING),
    "a word that we do not know": ({"status": "queued"}, None),
    "nothing": ({}, None),
}


@pytest.mark.parametrize(("said", "status"), STATUSES.values(), ids=STATUSES.keys())
def test_the_first_field_with_a_word_we_know_gives_the_status(
    said: dict[str, Any], status: RunStatus | None
):
    change = read_run(said)
    assert change is not None
    assert change.status is status
    assert change.data == said


RESULTS: dict[str, tuple[dict[str, Any], object]] = {
    "a result of a completed run": ({"status": "completed", "result": 1}, 1),
    "a result of a failed run": ({"status": "failed", "result": 1}, 1),
    "a result of a run we know nothing of": ({"result": 1}, 1),
    "a result that is null": ({"status": "completed", "result": None}, None),
    "a result before an output": ({"status": "completed", "result": 1, "output": 2}, 1),
    "a null result before an output": ({"status": "completed", "result": None, "output": 2}, None),
    "an output of a completed run": ({"status": "Succeeded", "output": 2}, 2),
    "an output that is null": ({"status": "completed", "output": None}, None),
    "an output of a failed run is its error": ({"status": "failed", "output": 2}, ABSENT),
    "an output of a running run": ({"status": "running", "output": 2}, ABSENT),
    "an output of a run we know nothing of": ({"output": 2}, ABSENT),
    "nothing": ({"status": "completed"}, ABSENT),
}


@pytest.mark.parametrize(("said", "result"), RESULTS.values(), ids=RESULTS.keys())
def test_a_result_counts_always_and_an_output_of_a_completed_run(
    said: dict[str, Any], result: object
):
    change = read_run(said)
    assert change is not None
    assert change.result is result


@pytest.mark.parametrize("said", [None, True, 5, "completed", ["completed"], b"completed"])
def test_what_is_no_object_says_nothing(said: object):
    assert read_run(said) is None


def test_a_change_says_which_run_and_when():
    at = datetime(2026, 11, 21, tzinfo=UTC)
    change = read_run({}, run_id="r", at=at)
    assert change is not None
    assert (change.run_id, change.at) == ("r", at)


@given(st.dictionaries(st.sampled_from(["runStatus", "status", "state", "result"]), st.text()))
def test_any_words_can_be_read(said: dict[str, str]):
    assert read_run(said) is not None
