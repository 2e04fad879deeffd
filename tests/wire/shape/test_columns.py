"""Postgres' text, read as its types."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.wire.shape.arrays import _parsed, parse_array
from rx_realtime.wire.shape.columns import Column, Schema, decode_row, decode_schema

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
    assert (decoded.row, odd) == ({"it": value}, ())


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


def test_a_value_of_another_type_stays_text_and_is_named():
    schema = Schema.of({"n": Column(type="int4"), "j": Column(type="json")})
    decoded, odd = decode_row({"n": "forty-two", "j": "[" * 100_000, "x": "y"}, schema)
    assert odd == ("n", "j")
    assert decoded.row == {"n": "forty-two", "j": "[" * 100_000, "x": "y"}


def test_values_go_on_top_of_what_is_known_which_is_not_read_twice():
    schema = Schema.of({"j": Column(type="jsonb"), "n": Column(type="int4")})
    known, _ = decode_row({"j": '"1"', "n": "1"}, schema)
    decoded, odd = decode_row({"n": "2"}, schema, known)
    assert (decoded.row, odd) == ({"j": "1", "n": 2}, ())
    assert known.row == {"j": "1", "n": 1}


TYPED = Schema.of({"j": Column(type="jsonb"), "n": Column(type="int4"), "x": Column()})


def test_a_column_that_is_as_it_was_is_not_read_again():
    known, _ = decode_row({"j": "[1]", "n": "1", "x": "a"}, TYPED)
    for values in ({"j": "[1]", "n": "1", "x": "b"}, {"j": "[1]", "n": "2"}, {"x": "b"}):
        decoded, _ = decode_row(values, TYPED, known)
        assert decoded.row["j"] is known.row["j"]


def test_what_does_not_read_is_named_when_it_comes_and_not_again():
    known, odd = decode_row({"j": "[", "n": "1"}, TYPED)
    assert odd == ("j",)
    same, odd = decode_row({"j": "[", "n": "2"}, TYPED, known)
    assert (same.row, odd) == ({"j": "[", "n": 2}, ())
    again, odd = decode_row({"j": "{"}, TYPED, same)
    assert (again.row, odd) == ({"j": "{", "n": 2}, ("j",))


def test_a_row_that_was_read_without_a_schema_is_read_with_the_next_one():
    known, _ = decode_row({"j": "[1]", "n": "1", "x": "a"}, Schema.of({}))
    assert known.row == {"j": "[1]", "n": "1", "x": "a"}
    decoded, _ = decode_row({"j": "[1]", "n": "1"}, TYPED, known)
    assert decoded.row == {"j": [1], "n": 1, "x": "a"}


TEXTS = st.sampled_from([None, "1", "2", "[1]", "{", "x", 1, True])
VALUES_OF_SOME = st.dictionaries(st.sampled_from(["j", "n", "x"]), TEXTS)


@given(VALUES_OF_SOME, st.lists(VALUES_OF_SOME))
def test_a_row_of_many_changes_is_the_row_of_all_of_them_at_once(
    first: dict[str, Any], changes: list[dict[str, Any]]
):
    decoded, said = decode_row(first, TYPED)[0], dict(first)
    for values in changes:
        decoded, _ = decode_row(values, TYPED, decoded)
        said.update(values)
    assert repr(decoded.row) == repr(decode_row(said, TYPED)[0].row)  # 1 and True are two


def test_what_a_schema_says_besides_types_is_left_out():
    schema = decode_schema(
        '{"id":{"type":"text","pk_index":0,"not_null":true},"n":{"type":"int4"}}'
    )
    assert schema == Schema.of({"id": Column(), "n": Column(type="int4")})


@pytest.mark.parametrize("header", ["", "x", "[]", '{"id":"text"}'])
def test_what_is_no_schema_is_none(header: str):
    assert decode_schema(header) is None
