"""A row, read as a run."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.errors import WireError
from rx_realtime.models import Run, Stored, TriggerStatus
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


def is_read(run: Run, name: str) -> bool:
    try:
        vars(Run)[name].__get__(run)  # its slot, past what would read it now
    except AttributeError:
        return False
    return True


def test_a_packet_is_read_when_it_is_asked_for_whatever_its_type():
    kinds: dict[str, Any] = {"payloadType": "application/super+json", "outputType": None}
    run = as_run(row(payload='{"json":1}', output="2", **kinds)["value"])
    assert run.stored == ()
    assert not is_read(run, "payload")
    assert run.payload == 1
    assert is_read(run, "payload")
    assert not is_read(run, "output")


@pytest.mark.parametrize("number", ["7", 7])
def test_a_number_may_come_as_text_or_as_what_it_is(number: str | int):
    assert as_run(row(number=number)["value"]).number == 7


def test_what_is_kept_elsewhere_is_known_at_once():
    kinds: dict[str, Any] = {
        "payloadType": "application/store",
        "outputType": "application/store; v=2",
    }
    run = as_run(row(payload="here", output="there", **kinds)["value"])
    assert run.stored == (Stored("here", "payload"), Stored("there", "output"))
    assert (run.payload, run.output) == run.stored
    assert as_run(row(payloadType="application/store")["value"]).stored == ()


def test_every_field_of_a_run_is_read_sooner_or_later() -> None:
    whole = row(payload='{"a":1}', runTags='{"x"}', startedAt="2026-06-06T10:00:00")["value"]
    run = as_run({**whole, "runTags": ["x"]})
    assert {field.name: getattr(run, field.name) for field in fields(run)}["tags"] == ("x",)
    assert run == replace(run)  # all of them, copied
