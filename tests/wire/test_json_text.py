"""JSON is read fast, and as everybody reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rx_realtime.wire.json_text import decode_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
PIECES = ['"', "\\", "u", "d83d", "\\ud83d", "{", "}", "[", "]", ":", ",", " ", "-", "0", "1", "e9"]
PIECES += ["NaN", "Infinity", "true", "null", "\ufeff", "\n", "\0", "é", "."]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


def outcome(decode: Callable[[Any], Any], text: str | bytes) -> str:
    try:
        return repr(decode(text))
    except (ValueError, RecursionError):
        return "no JSON"


@given(VALUES, st.booleans())
def test_what_is_written_is_read(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert repr(decode_json(text)) == repr(decode_json(text.encode())) == repr(value)


@given(TEXTS)
@example('"\\ud83d"')
@example("[NaN,-Infinity,-0,1e999]")
@example('{"a":1,"a":2}')
def test_of_any_text_the_library_of_python_makes_the_same(text: str) -> None:
    assert outcome(decode_json, text) == outcome(json.loads, text)
    assert outcome(decode_json, text.encode()) == outcome(json.loads, text.encode())


@given(st.binary(max_size=12))
def test_of_any_bytes_the_library_of_python_makes_the_same(text: bytes) -> None:
    assert outcome(decode_json, text) == outcome(json.loads, text)


@pytest.mark.parametrize("text", ["1" * 4000, "[" * 500 + "]" * 500, "0." + "3" * 400])
def test_so_it_does_of_what_is_long_or_deep(text: str) -> None:
    assert outcome(decode_json, text) == outcome(json.loads, text)


@pytest.mark.parametrize("text", ["", "1" * 5000, "[" * 100_000])
def test_what_is_no_json_or_too_much_of_it_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, RecursionError)):
        decode_json(text)
