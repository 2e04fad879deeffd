"""A row, read as its columns say, and what is made of it by changes."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from rx_realtime.wire.shape.columns import Column, Schema
from rx_realtime.wire.shape.row import decode_row


def test_a_value_of_another_type_stays_text_and_is_named():
    schema = Schema.of({"n": Column(type="int4"), "j": Column(type="json")})
    decoded, odd = decode_row({"n": "forty-two", "j": "[" * 100_000, "x": "y"}, schema)
    assert odd == ("n", "j")
    assert decoded.columns == {"n": "forty-two", "j": "[" * 100_000, "x": "y"}


def test_values_go_on_top_of_what_is_known_which_is_not_read_twice():
    schema = Schema.of({"j": Column(type="jsonb"), "n": Column(type="int4")})
    known, _ = decode_row({"j": '"1"', "n": "1"}, schema)
    decoded, odd = decode_row({"n": "2"}, schema, known)
    assert (decoded.columns, odd) == ({"j": "1", "n": 2}, ())
    assert known.columns == {"j": "1", "n": 1}


TYPED = Schema.of({"j": Column(type="jsonb"), "n": Column(type="int4"), "x": Column()})


def test_a_column_that_is_as_it_was_is_not_read_again():
    known, _ = decode_row({"j": "[1]", "n": "1", "x": "a"}, TYPED)
    for values in ({"j": "[1]", "n": "1", "x": "b"}, {"j": "[1]", "n": "2"}, {"x": "b"}):
        decoded, _ = decode_row(values, TYPED, known)
        assert decoded.columns["j"] is known.columns["j"]


def test_what_does_not_read_is_named_when_it_comes_and_not_again():
    known, odd = decode_row({"j": "[", "n": "1"}, TYPED)
    assert odd == ("j",)
    same, odd = decode_row({"j": "[", "n": "2"}, TYPED, known)
    assert (same.columns, odd) == ({"j": "[", "n": 2}, ())
    again, odd = decode_row({"j": "{"}, TYPED, same)
    assert (again.columns, odd) == ({"j": "{", "n": 2}, ("j",))


def test_a_row_that_was_read_without_a_schema_is_read_with_the_next_one():
    known, _ = decode_row({"j": "[1]", "n": "1", "x": "a"}, Schema.of({}))
    assert known.columns == {"j": "[1]", "n": "1", "x": "a"}
    decoded, _ = decode_row({"j": "[1]", "n": "1"}, TYPED, known)
    assert decoded.columns == {"j": [1], "n": 1, "x": "a"}


def test_a_column_that_the_schema_does_not_know_is_text_and_stays():
    known, _ = decode_row({"j": "[1]", "n": "1", "x": "a", "new": "b"}, TYPED)
    assert known.columns == {"j": [1], "n": 1, "x": "a", "new": "b"}
    again, _ = decode_row({"j": "[1]", "newer": "c"}, TYPED, known)
    assert again.columns == {**known.columns, "newer": "c"}
    assert decode_row({"n": "1"}, TYPED, again)[0].schema is again.schema
    for values in ({"n": "2"}, convert({"j": "[1]", "n": "2", "x": "a"}, TYPED.whole)):
        changed, _ = decode_row(values, TYPED, known)
        assert changed.columns == {"j": [1], "n": 2, "x": "a", "new": "b"}
        assert changed.columns["j"] is known.columns["j"]


def test_a_column_is_found_by_its_name():
    row, _ = decode_row({"n": "1", "x": "a"}, TYPED)
    assert [row.get(name) for name in ("n", "x", "j", "no column")] == [1, "a", None, None]
    assert not row.is_whole
    assert decode_row({"j": None, "n": "1", "x": "a"}, TYPED)[0].is_whole


def test_rows_of_two_schemas_differ_where_their_columns_do():
    row, _ = decode_row({"j": "[1]", "n": "1", "x": "a"}, TYPED)
    other = Schema.of({name: TYPED.columns[name] for name in ("x", "n", "j")})
    assert not row.differs(decode_row({"j": "[1]", "n": "1", "x": "a"}, other)[0])
    assert row.differs(decode_row({"j": "[1]", "n": "2", "x": "a"}, other)[0])


TEXTS = st.sampled_from([None, "1", "2", "[1]", "{", "x", 1, True])
VALUES_OF_SOME = st.dictionaries(st.sampled_from(["j", "n", "x"]), TEXTS)


@given(VALUES_OF_SOME, st.lists(VALUES_OF_SOME))
def test_a_row_of_many_changes_is_the_row_of_all_of_them_at_once(
    first: dict[str, Any], changes: list[dict[str, Any]]
):
    row, said = decode_row(first, TYPED)[0], dict(first)
    for values in changes:
        is_whole = values.keys() == TYPED.columns.keys()
        row, _ = decode_row(convert(values, TYPED.whole) if is_whole else values, TYPED, row)
        said.update(values)
    assert repr(row.columns) == repr(decode_row(said, TYPED)[0].columns)  # 1 and True are two
