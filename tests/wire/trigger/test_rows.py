"""A row, read as a run."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.errors import WireError
from rx_realtime.models import TriggerStatus
from rx_realtime.wire.trigger.rows import decode_error, decode_time, is_older
from tests.virtual_trigger import as_row, as_run, row

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize("word", [*TriggerStatus, "HIBERNATING"])
def test_a_run_with_an_end_is_over_whatever_its_status(word: str):
    run = as_run(row(status=word, completedAt="2026-06-06T10:00:00")["value"])
    assert run.is_terminal
    assert run.run_status.is_terminal


@given(JSON)
def test_no_row_is_worse_than_a_wire_error(value: Any):
    whole = row()["value"]
    for name in whole:
        try:
            as_run({**whole, name: value})
        except WireError:
            assert name in ("friendlyId", "status", "createdAt")
    assert decode_error(value) is None or value is not None


def test_age_is_told_by_the_time_of_the_update():
    older, newer = as_row(row(at=1)["value"]), as_row(row(at=2)["value"])
    assert is_older(older, newer)
    assert not is_older(newer, older)
    assert not is_older(older, older)
    assert not is_older(as_row({}), newer)
    assert decode_time("yesterday") is None


def test_every_field_of_a_run_is_read_sooner_or_later() -> None:
    whole = row(payload='{"a":1}', runTags='{"x"}', startedAt="2026-06-06T10:00:00")["value"]
    run = as_run({**whole, "runTags": ["x"]})
    assert {field.name: getattr(run, field.name) for field in fields(run)}["tags"] == ("x",)
    assert run == replace(run)  # all of them, copied
