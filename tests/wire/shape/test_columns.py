"""Postgres' text, read as its types."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from rx_realtime.wire.shape.arrays import _parsed, parse_array
from rx_realtime.wire.shape.columns import Column, Schema, decode_schema
from rx_realtime.wire.shape.row import decode_row

VALUES: dict[str, tuple[str | None, Column, Any]] = {
    "an integer": ("42", Column(type="int4"), 42),
    "a big one is exact": ("9007199254740993", Column(type="int8"), 9007199254740993),
    "a number": ("0.55", Column(type="float8"), 0.55),
    "no number": ("NaN", Column(type="text"), "NaN"),
    "true": ("t", Column(type="bool"), True),
    "true, spelt out": ("true", Column(type="bool"), True),
    "false": ("f", Column(type="bool"), False),
    "JSON": ('{"a":[1]}', Column(type="jsonb"), {"a": [1]}),
    "exact decimals stay text": ("0.10", Column(type="numeric"), "0.10"),
    "a time stays text": ("2026-01-01 10:00", Column(type="timestamp"), "2026-01-01 10:00"),
    "nothing": (None, Column(type="int4"), None),
    "a list": (
        r'{"a,b","c\"d",plain,NULL}', Column(type="text", dims=1), ["a,b", 'c"d', "plain", None]
    ),
    "a list, nothing quoted": ("{a,b:c,é}", Column(type="text", dims=1), ["a", "b:c", "é"]),
    "a list with nothing in it": ("{a,null}", Column(type="text", dims=1), ["a", None]),
    "a wide space is text": ("{\u3000}", Column(type="text", dims=1), ["\u3000"]),
    "an empty list": ("{}", Column(type="text", dims=1), []),
    "a list of numbers": ("{1,2}", Column(type="int4", dims=1), [1, 2]),
    "lists of lists": ("{{1,2},{3,NULL}}", Column(type="int4", dims=2), [[1, 2], [3, None]]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "column", "value"), VALUES.values(), ids=VALUES.keys())
def test_a_value_is_read_as_its_column_says(text: str | None, column: Column, value: Any):
    decoded, odd = decode_row({"it": text}, Schema.of({"it": column}))
    assert (decoded.columns, odd) == ({"it": value}, ())


@pytest.mark.parametrize(
    "text", ["", "a", "{", "}", "{a", "{a}b", "{{a}", "{a}}", '{"a', "a{b}", "{a},{b}"]
)
def test_what_is_no_array_is_refused(text: str):
    with pytest.raises(ValueError, match=r"array|brace|quote"):
        parse_array(text)


def quoted(element: str | None) -> str:
    if element is None:
        return "NULL"
    return '"' + element.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(st.lists(st.none() | st.text()))
def test_any_array_that_postgres_writes_is_read(elements: list[str | None]):
    assert parse_array("{" + ",".join(map(quoted, elements)) + "}") == elements


def outcome(parse: Callable[[str], Any], text: str) -> Any:
    try:
        return parse(text)
    except ValueError:
        return "no array"


def parsed(text: str) -> list[Any]:
    return _parsed(text, str)


@given(
    st.lists(
        st.sampled_from(['{"', '"}', '","', '"', ",", "{", "}", "\\", " ", "\u3000", "a", "NULL"])
    )
)
def test_arrays_that_are_plain_are_read_as_all_others(pieces: list[str]):
    text = "".join(pieces)
    assert outcome(parse_array, text) == outcome(parsed, text)
    text = '{"' + text + '"}'
    assert outcome(parse_array, text) == outcome(parsed, text)


def test_a_long_element_of_nothing_but_backslashes_is_read_once():
    assert parse_array('{"' + "\\\\" * 100_000 + '"}') == ["\\" * 100_000]


@given(st.text(alphabet='{}",\\aN'))
def test_no_text_is_worse_than_a_value_error(text: str):
    with suppress(ValueError):
        parse_array(text)


def test_what_a_schema_says_besides_types_is_left_out():
    schema = decode_schema(
        '{"id":{"type":"text","pk_index":0,"not_null":true},"n":{"type":"int4"}}'
    )
    assert schema
    assert schema.columns == {"id": Column(), "n": Column(type="int4")}


@pytest.mark.parametrize("header", ["", "x", "[]", '{"id":"text"}'])
def test_what_is_no_schema_is_none(header: str):
    assert decode_schema(header) is None


ODD_NAMES = st.sampled_from(["class", "a.b", "__x", "c1", "\x7fc0", '"', "\\", "\ud83d"])
NAMES = st.lists(st.text(max_size=3) | ODD_NAMES, unique=True)


@given(NAMES, st.data())
def test_a_row_has_its_columns_under_any_names(names: list[str], data: st.DataObject):
    schema = Schema.of({name: Column() for name in names})
    said = {name: f"the value of {name}" for name in names}
    row = schema.whole(*said.values())
    assert schema.named(row) == said
    with suppress(ValueError):  # not all names can be read in one go
        assert schema.named(convert(said, schema.whole)) == said
    some = data.draw(st.lists(st.sampled_from([*names, "no column"])))
    assert schema.pick(*some)(row) == tuple(said.get(name) for name in some)
    assert [schema.pick_one(name)(row) for name in some] == [said.get(name) for name in some]


def test_a_schema_that_has_some_texts_more_is_always_the_same():
    schema = Schema.of({"n": Column(type="int4")})
    assert schema.with_texts(["n"]) is schema
    more = schema.with_texts(["y", "x", "n"])
    assert more is schema.with_texts(["x", "y"])
    assert more.columns == {"n": Column(type="int4"), "x": Column(), "y": Column()}
