"""The body of an answer, as it usually is and as it should not be."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from rx_realtime.wire.shape import Column, Schema, messages
from rx_realtime.wire.shape.messages import Batch, Change, Control, Operation, decode_batch
from rx_realtime.wire.shape.row import by_name

ODD: st.SearchStrategy[Any] = st.sampled_from([None, 0, "", [], {}, "x", 2**70, 0.5, True])
OPERATIONS = st.sampled_from(["insert", "update", "delete"]) | ODD
CONTROLS = st.sampled_from(["up-to-date", "must-refetch", "snapshot-end"]) | ODD
VALUES = st.dictionaries(st.text(max_size=3), st.none() | st.text(max_size=3) | ODD, max_size=3)
HEADERS = st.fixed_dictionaries({}, optional={"operation": OPERATIONS, "control": CONTROLS})
MESSAGES = st.fixed_dictionaries(
    {}, optional={"key": st.text(max_size=3) | ODD, "value": VALUES | ODD, "headers": HEADERS | ODD}
)
USUAL = st.fixed_dictionaries(
    {
        "key": st.text(max_size=3),
        "value": VALUES,
        "headers": st.fixed_dictionaries({"operation": st.sampled_from(["insert", "update"])}),
    }
)
SCHEMA = Schema.of({"a": Column(), "b c": Column()})
WHOLE = st.fixed_dictionaries(
    {
        "key": st.text(max_size=3),
        "value": st.fixed_dictionaries({"a": st.none() | st.text(), "b c": st.none() | ODD}),
        "headers": st.fixed_dictionaries({"operation": st.sampled_from(["insert", "update"])}),
    }
)
UP_TO_DATE = {"headers": {"control": "up-to-date"}}
#: Nothing that we know, so that a body with it is read one by one.
STRANGER = '{"headers":[]}'


def body(said: list[Any], more: str = "") -> bytes:
    texts = [json.dumps(each) for each in said]
    return ("[" + ",".join([more, *texts] if more else texts) + "]").encode()


def with_dicts(batch: Batch | None) -> Batch | None:
    if batch is None:
        return None
    changes = [replace(each, values=by_name(each.values, SCHEMA)) for each in batch.changes]
    return dataclasses.replace(batch, changes=tuple(changes))


@given(st.lists(USUAL | MESSAGES | ODD, max_size=4))
@example([{"key": "k", "headers": {"operation": None}}])
@example([{"headers": {"control": ["up-to-date"]}}])
@example([UP_TO_DATE, {"key": None, "headers": {"operation": "insert"}}])
def test_a_body_is_read_the_same_all_at_once_and_one_by_one(said: list[Any]):
    assert repr(decode_batch(body(said))) == repr(decode_batch(body(said, STRANGER)))


@given(st.lists(USUAL | WHOLE | MESSAGES, max_size=4))
def test_a_body_of_rows_is_read_as_one_of_dicts(said: list[Any]):
    assert with_dicts(decode_batch(body(said), SCHEMA.whole)) == decode_batch(body(said))


@given(st.lists(USUAL, max_size=4), st.lists(WHOLE, max_size=4))
def test_usual_messages_are_read_all_at_once(usual: list[Any], whole: list[Any]):
    """Or else the tests above would compare one way with itself."""
    assert len(messages._decode(dict[str, Any], body([*usual, UP_TO_DATE])) or ()) == len(usual) + 1
    rows = messages._decode(SCHEMA.whole, body([*whole, UP_TO_DATE])) or []
    assert [type(each.value) for each in rows] == [*[SCHEMA.whole] * len(whole), dict]


@pytest.mark.parametrize(
    "strange",
    [
        '{"key":null,"value":{},"headers":{"operation":"insert"}}',
        '{"key":"k","value":[],"headers":{"operation":"insert"}}',
        '{"key":"k","value":{},"headers":{"operation":"truncate"}}',
        '{"key":"k","value":{},"headers":{}}',
        '{"key":"k"}',
    ],
)
def test_a_change_that_is_none_is_counted_and_costs_only_itself(strange: str):
    usual = {"key": "a", "value": {"n": "1"}, "headers": {"operation": "insert"}}
    assert decode_batch(body([usual, UP_TO_DATE], strange)) == Batch(
        (Change("a", Operation.INSERT, {"n": "1"}),), frozenset({Control.UP_TO_DATE}), True, 1
    )


@pytest.mark.parametrize(
    "strange", ["1", "null", "{}", '{"headers":{"control":["up-to-date"]}}', '{"headers":null}']
)
def test_what_is_neither_change_nor_control_is_left_out(strange: str):
    assert decode_batch(body([], strange)) == Batch()


def test_half_a_surrogate_pair_is_a_value_too():
    half = '{"key":"k","value":{"n":"\\ud83d"},"headers":{"operation":"update"}}'
    assert decode_batch(body([], half)) == Batch((Change("k", Operation.UPDATE, {"n": "\ud83d"}),))


@pytest.mark.parametrize("text", ["", "{}", "null", "[", "<html>", "[" * 100_000, "\xff"])
def test_what_is_no_array_is_none(text: str):
    assert decode_batch(text.encode("latin-1")) is None
