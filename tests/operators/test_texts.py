"""Text that comes in pieces: however it is cut, it says the same."""

from __future__ import annotations

import itertools
import json
from typing import Any

import reactivex as rx
from hypothesis import given
from hypothesis import strategies as st
from reactivex import operators as rx_ops

from rx_realtime import ops

TEXT = st.text(st.sampled_from("ab \r\n{}"), max_size=40)


def pieces(text: str, cuts: list[int]) -> list[str]:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(places)]


def collected(parts: list[str], operator: Any) -> list[Any]:
    found = list[Any]()
    rx.from_iterable(parts).pipe(operator).subscribe(found.append)
    return found


@given(TEXT, st.lists(st.integers(0, 40), max_size=6))
def test_however_a_text_is_cut_its_lines_are_the_same(text: str, cuts: list[int]) -> None:
    expected = text.split("\n")
    expected = [*(line.removesuffix("\r") for line in expected[:-1]), *filter(None, expected[-1:])]
    assert collected(pieces(text, cuts), ops.lines()) == expected


@given(st.lists(st.integers() | st.text(max_size=5)), st.lists(st.integers(0, 99), max_size=6))
def test_however_json_lines_are_cut_their_values_are_the_same(
    values: list[Any], cuts: list[int]
) -> None:
    text = "".join(json.dumps(value) + "\n" for value in values)
    assert collected(pieces(text, cuts), ops.json_lines()) == values


def test_who_leaves_between_two_lines_gets_no_more() -> None:
    found = list[str]()
    rx.of("one\ntwo\nthree\n").pipe(ops.lines(), rx_ops.take(1)).subscribe(found.append)
    assert found == ["one"]


def test_a_long_line_in_many_pieces_is_joined_once() -> None:
    assert collected(["x"] * 100_000, ops.lines()) == ["x" * 100_000]
