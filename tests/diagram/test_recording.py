"""What happens is drawn as it happens: a case that can be read, and never more than its columns."""

from __future__ import annotations

import ast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rx_realtime.diagram import Recording, draw, parse
from rx_realtime.diagram.literal import literal


def drawn(recording: Recording, now: int) -> dict[str, str]:
    """Return the lines by name, as they are drawn."""
    text = draw(recording.sheet(now), patience=1000)
    assert parse(text) == recording.sheet(now)
    return dict(line.split(maxsplit=1) for line in text.partition("> ")[2].splitlines()[1:])


def of_letters(text: str, columns: int = 40) -> Recording:
    """Record a line in which each letter is a value, and each dash a tick."""
    recording = Recording("source()", ["run"], columns=columns)
    tick = 0
    for sign in text:
        if sign.isalpha():
            recording.value(tick, "run", sign)
        else:
            tick += 1
    return recording


@pytest.mark.parametrize(
    ("happens", "now", "picture"),
    [
        ("", 4, "----"),
        ("", 0, "-"),
        ("-a-b", 4, "-ab-"),
        ("-ab-c", 8, "-(ab)c--"),
        ("-ab-c-d-----e", 10, "-(ab)cd-e-"),
        ("-ab", 1, "-(ab)"),
    ],
)
def test_each_tick_is_a_column_and_a_group_borrows_from_the_silence_after_it(
    happens: str, now: int, picture: str
):
    assert drawn(of_letters(happens), now) == {"run": picture}


@pytest.mark.parametrize(
    ("happens", "now", "picture"),
    [
        ("a---------b-", 12, "--------b--"),
        ("a---------b-", 30, "-----------"),
        ("abcd-efgh-ijkl", 3, "(ijkl)"),
        ("abcdefghijklmnop", 1, "(hijklmnop)"),
    ],
)
def test_only_the_last_columns_are_drawn(happens: str, now: int, picture: str):
    assert drawn(of_letters(happens, columns=11), now) == {"run": picture}


def test_all_lines_agree_about_when_things_happen():
    recording = Recording("f()")
    for letter in "abc":
        recording.value(1, "one", letter)
    recording.value(1, "two", "d")
    recording.value(2, "two", "e")
    recording.completed(3, "two")
    recording.failed(3, "one", ValueError("it  broke"))
    assert drawn(recording, 9) == {
        "one": "-(abc)-#    # = 'it \\x20broke'",
        "two": "-d----e|",
    }


def test_nothing_follows_an_end():
    recording = of_letters("-a-")
    recording.completed(3, "run")
    recording.value(4, "run", "b")
    recording.failed(4, "run", ValueError())
    assert drawn(recording, 20) == {"run": "-a-|"}


def test_an_end_that_is_long_past_is_still_an_end():
    recording = Recording("f()", columns=10)
    recording.completed(3, "over")
    recording.value(90, "going_on", "a")
    assert drawn(recording, 91) == {"over": "|", "going_on": "---------a"}


def test_letters_remind_of_what_they_stand_for_and_a_legend_says_it():
    recording = Recording("f()")
    for tick, value in enumerate(["running", "completed", "cancelled", 1, "running"]):
        recording.value(tick, "run", value)
    text = draw(recording.sheet(5))
    assert "% r = 'running'  c = 'completed'  C = 'cancelled'  a = 1" in text
    assert text.endswith("run  rcCar\n")


def test_a_letter_that_is_no_longer_drawn_is_given_to_another_value():
    recording = Recording("f()", columns=20)
    for tick in range(500):
        recording.value(tick, "run", tick)
    sheet = recording.sheet(500)
    [case] = parse(draw(sheet))
    assert [each.text for each in case.legend.values()] == [str(n) for n in range(480, 500)]


def test_more_values_than_letters_share_one_that_says_so():
    recording = Recording("f()", columns=200)
    for tick in range(100):
        recording.value(tick, "run", tick)
    text = draw(recording.sheet(100))
    assert "Z = '…'" in text
    assert text.count(" = ") == 52
    assert parse(text) == recording.sheet(100)


def test_a_picture_needs_no_columns_for_groups():
    recording = of_letters("-abc-d-")
    recording.completed(3, "run")
    [line] = recording.sheet(4, is_stacked=True).cases[0].results
    assert [(mark.tick, mark.sign) for mark in line.marks] == [
        *((1, letter) for letter in "abc"),
        (2, "d"),
        (3, "|"),
    ]


def test_known_values_keep_their_letters():
    recording = Recording("f()", columns=200, known=["open", "closed"])
    for tick in range(100):
        recording.value(tick, "run", tick)
    recording.value(100, "run", "closed")
    text = draw(recording.sheet(101))
    assert "c = 'closed'" in text
    assert text.endswith("c\n")


def test_names_become_names_that_a_line_can_have():
    recording = Recording("f()")
    for name in ("$run", "a b", "1st", ".", "ok.ok", "é"):
        recording.value(0, name, "a")
    assert list(drawn(recording, 1)) == ["_run", "a_b", "_1st", "_", "ok.ok"]


def test_very_many_lines_share_one():
    recording = Recording("f()")
    for number in range(100):
        recording.value(0, f"topic{number}", "a")
    assert len(recording.sheet(1).cases[0].results) == 41


events = st.tuples(
    st.integers(0, 3),
    st.sampled_from(["run", "status", "a-b"]),
    st.one_of(
        st.sampled_from(["|", "#"]),
        st.text(max_size=80),
        st.integers(),
        st.floats(),
        st.lists(st.text(max_size=3), max_size=2),
        st.dictionaries(st.text(max_size=3), st.none() | st.booleans(), max_size=2),
        st.sampled_from("abc"),
    ),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(events, max_size=60), st.integers(6, 50), st.integers(0, 30))
@example([(0, "run", "a")] * 60, 6, 0)
def test_whatever_happens_can_be_drawn_read_and_is_no_wider_than_asked_for(
    happened: list[tuple[int, str, object]], columns: int, rest: int
):
    recording = Recording("f('  ', 1)", ["run"], columns=columns)
    tick = 0
    for passed, name, value in happened:
        tick += passed
        if value == "|":
            recording.completed(tick, name)
        elif value == "#":
            recording.failed(tick, name, ValueError(tick))
        else:
            recording.value(tick, name, value)
    sheet = recording.sheet(tick + rest)
    assert parse(draw(sheet, patience=columns)) == sheet
    assert all(line.until <= columns for line in sheet.cases[0].results)


class Loud:
    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (-1.5, "-1.5"),
        (None, "None"),
        (True, "True"),
        ("a  b", "'a \\x20b'"),
        ("two\nlines\t", "'two\\nlines\\t'"),
        ({"a": [1, (2,)]}, "{'a': [1, (2,)]}"),
        (float("nan"), "'nan'"),
        (Loud(), "'<Loud: RuntimeError>'"),
        pytest.param(10**5000, "'<int: ValueError>'", id="huge"),
    ],
)
def test_a_value_becomes_a_literal_on_one_line(value: object, text: str):
    assert literal(value) == text


@given(st.text() | st.binary() | st.lists(st.text()) | st.complex_numbers())
def test_a_literal_is_short_and_can_be_read(value: object):
    text = literal(value)
    ast.literal_eval(text)
    assert "  " not in text
    assert len(ast.literal_eval(text) if text[0] in "\"'" else text) <= 60
