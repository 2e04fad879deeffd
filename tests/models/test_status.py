"""The hook's named values, and how an engine's words become ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.models import ConnectionStatus, PauseReason, RunStatus

WORDS = {
    RunStatus.RUNNING: ["running", "in_progress", "Running", "IN_PROGRESS"],
    RunStatus.COMPLETED: ["completed", "complete", "succeeded", "success", "Completed", "SUCCESS"],
    RunStatus.FAILED: ["failed", "error", "Failed", "ERROR"],
    RunStatus.CANCELLED: ["cancelled", "canceled", "Cancelled", "CANCELED"],
}


@pytest.mark.parametrize(
    ("word", "status"), [(word, status) for status, words in WORDS.items() for word in words]
)
def test_an_engines_word_is_read_in_any_case_and_any_of_its_synonyms(word: str, status: RunStatus):
    assert RunStatus.parse(word) is status


@pytest.mark.parametrize(
    "word",
    [
        *("", " ", " running", "completed ", "in progress", "unknown", "queued", "Scheduled"),
        *(None, True, 5, 0.5, b"running", ["running"], {"running": 1}, object()),
    ],
)
def test_any_other_word_says_nothing(word: object):
    assert RunStatus.parse(word) is None


@given(st.text())
def test_any_text_is_one_of_the_words_or_says_nothing(word: str):
    known = word.lower() in {each.lower() for words in WORDS.values() for each in words}
    assert (RunStatus.parse(word) is not None) == known


def test_a_run_that_ended_can_no_longer_change():
    assert [status for status in RunStatus if status.is_terminal] == [
        RunStatus.COMPLETED,
        RunStatus.FAILED,
        RunStatus.CANCELLED,
    ]


def test_the_named_values_are_the_hooks():
    assert [*ConnectionStatus] == ["idle", "connecting", "open", "paused", "closed", "error"]
    assert [*RunStatus] == ["unknown", "running", "completed", "failed", "cancelled"]
    assert [*PauseReason] == ["disabled", "hidden"]
    assert f"{RunStatus.RUNNING}" == "running"
