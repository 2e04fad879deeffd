from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from rx_realtime.cli.clean import clean, json_text

# Every character, lone surrogates too: what a hostile publisher has to choose from.
anything = st.text(st.characters(codec=None, categories=None))


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;renamed\x07window", "]0;renamedwindow"),
        ("\x9b2Jgone", "2Jgone"),
        ("\x90q\x9c", "q"),
        ("100 %\rfailed", "100 % failed"),
        ("one\r\ntwo\nthree", "one two three"),
        ("a\x00b\x08c\x7fd", "abcd"),
        ("safe\u202egpj.exe", "safegpj.exe"),
        ("\u2066hidden\u2069\u200f", "hidden"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("next\x85line\u2028and\u2029on", "next line and on"),
        ("tag\U000e0041ged", "tagged"),
        ("half \ud83d of a pair", "half � of a pair"),
        ("tab\tstop", "tab stop"),
        ("family 👨‍👩‍👧 and नि", "family 👨‍👩‍👧 and नि"),
        ("[bold]not markup[/bold] :smile:", "[bold]not markup[/bold] :smile:"),
    ],
)
def test_what_a_terminal_would_obey_is_taken_out(hostile: str, shown: str):
    assert clean(hostile) == shown


def test_lines_are_kept_apart_where_they_may_be():
    assert clean("one\r\ntwo\rthree\n\tfour", lines=True) == "one\ntwo\nthree\n    four"


@given(anything, st.booleans())
def test_no_text_at_all_gets_a_control_character_through(text: str, lines: bool):
    shown = clean(text, lines=lines)
    assert not [
        each for each in shown if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp")
    ] or (lines and {each for each in shown if unicodedata.category(each) == "Cc"} == {"\n"})
    assert not [each for each in shown if unicodedata.bidirectional(each) in _TURNING]
    shown.encode()


_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(st.recursive(st.none() | st.booleans() | st.integers() | anything, st.lists))
def test_json_loses_nothing_and_holds_nothing_that_a_terminal_would_obey(value: object):
    text = json_text(value)
    assert json.loads(text) == value
    assert clean(text) == text


def test_models_are_written_as_the_json_they_are():
    class Step(BaseModel):
        name: str
        share: float

    assert json_text([Step(name="cut", share=float("nan"))]) == '[{"name": "cut", "share": "nan"}]'


def test_json_reads_well_where_it_is_harmless():
    assert (
        json_text({"tür": "göttlich 🎬", "esc": "\x1b"})
        == '{"tür": "göttlich 🎬", "esc": "\\u001b"}'
    )
