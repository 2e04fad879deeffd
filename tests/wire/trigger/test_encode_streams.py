"""What the embedded server says about streams, our own wire understands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.models import ABSENT, Topic
from rx_realtime.wire.sse import EventDecoder
from rx_realtime.wire.trigger.encode_streams import (
    LINE_PING,
    StoredRecord,
    as_json,
    encode_batch,
    encode_failure,
    encode_lines,
    encode_ping,
    entry_after,
    number_after,
)
from rx_realtime.wire.trigger.records import decode_batch, decode_line

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ANYTHING: Any = Any
ANY: Topic[Any] = Topic(ANYTHING, name="ai")


def stored(number: int, value: Any, *, part: str | None = "p") -> StoredRecord:
    return StoredRecord(number, 1000 + number, number, ANY.encode(value), part)


@given(st.lists(JSON, min_size=1, max_size=5))
def test_what_is_said_in_the_newer_dialect_is_understood(values: list[Any]):
    records = [stored(number, value) for number, value in enumerate(values, 7)]
    _, [event] = EventDecoder().decode(encode_batch(records, tail=99, at=5))
    batch = decode_batch(event.data)
    assert event.event == "batch"
    assert batch is not None
    assert batch.tail == 99
    assert [record.data for record in batch.records] == values
    assert [record.number for record in batch.records] == [record.number for record in records]
    assert {record.part_id for record in batch.records} == {"p"}


@given(st.lists(JSON, min_size=1, max_size=5))
def test_what_is_said_in_the_older_dialect_is_understood(values: list[Any]):
    records = [stored(number, value) for number, value in enumerate(values)]
    _, events = EventDecoder().decode(encode_lines(records))
    assert [decode_line(event).data for event in events] == values
    assert [event.id for event in events] == [f"{1000 + n}-{n}" for n in range(len(values))]


def test_control_records_and_commands_are_no_data_in_either_dialect():
    control = StoredRecord(3, 1, 0, b"", None, (("trigger-control", "turn-complete"),))
    command = StoredRecord(4, 1, 0, b"", None, (("", "trim"),))
    _, [event] = EventDecoder().decode(encode_batch([control, command], tail=5, at=1))
    batch = decode_batch(event.data)
    assert batch is not None
    assert [record.control for record in batch.records] == ["turn-complete", None]
    assert [record.data for record in batch.records] == [ABSENT, ABSENT]
    assert encode_lines([control, command]) == b""


def test_pings_and_failures_are_events_of_one_line():
    assert encode_ping(5) == b'event: ping\ndata: {"timestamp":5}\n\n'
    assert encode_failure("a\nb") == b"event: error\ndata: a b\n\n"
    assert EventDecoder().decode(LINE_PING)[1] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b' "text" ', "text"),
        (b"[1,\r\n2]", [1, 2]),
        (b"Hel lo", "Hel lo"),
        (b'"\\ud83d"', "\ud83d"),
        (b'["\\ud83d", NaN]', '["\\ud83d", NaN]'),
        (b"two\nlines\r", "two\nlines\r"),
        (b"", ""),
        (b"undefined", "undefined"),
        (b"NaN", "NaN"),
        (b"\xff", "\ufffd"),
        (b"[" * 100_000, "[" * 100_000),
    ],
)
def test_whatever_is_written_is_json_on_one_line(text: bytes, value: Any):
    line = as_json(text)
    assert json.loads(line) == value
    assert not set(b"\r\n") & set(line)


def test_half_an_emoji_is_said_as_it_was_written():
    record = StoredRecord(0, 0, 0, as_json(b'"\\ud83d"'), "p")
    _, [event] = EventDecoder().decode(encode_batch([record], tail=1, at=0))
    [said] = json.loads(event.data)["records"]
    assert json.loads(said["body"])["data"] == "\ud83d"
    assert encode_lines([record]).endswith(b'data: "\\ud83d"\n\n')


def test_numbers_stay_as_they_were_written():
    for text in (b"1.10", b"12345678901234567890", b'{"a":1E2}'):
        assert as_json(text) == text


@pytest.mark.parametrize(
    ("last", "number"),
    [(None, 0), ("", 0), ("0", 1), ("41", 42), ("7-3", 8), ("x", 0), ("-1", 0), ("9" * 50, 0)],
)
def test_a_reader_of_the_newer_dialect_goes_on_with_the_next_number(last: str | None, number: int):
    assert number_after(last) == number


@pytest.mark.parametrize(
    ("last", "entry"),
    [(None, (-1, 0)), ("5-2", (5, 2)), ("5", (5, 0)), ("x", (-1, 0)), ("5-x", (-1, 0))],
)
def test_a_reader_of_the_older_dialect_goes_on_after_an_entry(
    last: str | None, entry: tuple[int, int]
):
    assert entry_after(last) == entry
