"""Pictures are well-formed, complete, escaped, and the same every time."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rx_realtime.diagram import Call, Case, Line, Mark, Meaning, Sheet, draw, parse, svg
from tests.test_diagram import sheets

SVG = "{http://www.w3.org/2000/svg}"
CLASSES = {"marble": "", "end": "|", "cross": "#", "leaves": "!"}


def read(text: str) -> ET.Element:
    return ET.fromstring(text.encode())  # noqa: S314 - it is our own


def picture(text: str) -> ET.Element:
    return read(svg(parse(text)))


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [each for each in root.iter() if name in each.get("class", "").split()]


def texts(root: ET.Element) -> list[str]:
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def x_of(element: ET.Element) -> float:
    found = re.match(r"M([\d.]+)", element.get("d", ""))
    return float(found[1] if found else element.get("cx", "nan"))


@settings(max_examples=40, deadline=None)
@given(sheets())
def test_each_notification_is_one_sign_of_a_well_formed_picture(sheet: Sheet):
    root = read(svg(sheet))
    for legend in of_class(root, "legend"):
        legend.clear()
    drawn = Counter({sign: len(of_class(root, name)) for name, sign in CLASSES.items()})
    lines = (line for case in sheet for line in (*case.lines, *case.results))
    signs = (mark.sign for line in lines for mark in line.marks)
    assert +drawn == Counter("" if sign.isalpha() else sign for sign in signs)


@settings(max_examples=20, deadline=None)
@given(sheets())
def test_a_picture_is_the_same_every_time(sheet: Sheet):
    assert svg(parse(draw(sheet))) == svg(sheet)


anything = st.text(st.characters(exclude_categories=[]), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(anything, anything)
def test_no_words_can_break_the_picture(title: str, meaning: str):
    line = Line("run", 0, 2, (Mark(1, "a"),))
    case = Case(title, (), Call("f()"), (line,), (title,), {"a": Meaning(meaning)})
    text = svg(Sheet((case, case), (title, meaning)))
    assert read(text).get("role") == "img"


def test_what_looks_like_markup_is_text():
    root = picture("case  <script>alert(1)</script>\n  > f('<b>&')\n  run  -a")
    assert not list(root.iter("script"))
    assert "<script>alert(1)</script>" in texts(root)
    assert "f('<b>&')" in texts(root)


def test_who_cannot_see_the_picture_is_told_what_happens():
    root = picture("case  a title\n  s    -a-#\n  s        -|\n  > f()\n  run  -a---|")
    assert root.findtext(f"{SVG}title") == "a title"
    assert root.findtext(f"{SVG}desc") == (
        "a title: f(). s: a at 1, fails at 3. s from tick 4: completes at 5. "
        "run: a at 1, completes at 5."
    )


def test_what_happens_at_one_time_stands_in_one_column():
    root = picture("case  x\n  s     -a--b\n  t     ----(cd)\n  > f()\n  run   -a--b|")
    places = Counter(map(x_of, of_class(root, "marble")))
    assert sorted(places.values()) == [2, 4]


def test_a_group_is_a_stack_in_the_order_of_its_values():
    root = picture("case  x\n  > f()\n  run   -(abc)-")
    stack = of_class(root, "marble")
    assert len({each.get("cx") for each in stack}) == 1
    heights = [float(each.get("cy", "")) for each in stack]
    assert heights == sorted(heights)
    assert min(b - a for a, b in pairwise(heights)) >= 22


def test_each_subscription_begins_under_its_column():
    root = picture("case  x\n  s    #\n  s      #\n  s          -a\n  > f()\n  run  ---------a")
    first, second, third, result = (x_of(each) for each in of_class(root, "start"))
    assert first == result
    assert (third - first) / (second - first) == 3


def test_a_long_silence_takes_little_space_and_says_how_long_it_is():
    short = picture("case  x\n  > f()\n  run  -a 20s b|")
    long = picture("case  x\n  > f()\n  run  -a 20h b|")
    assert short.get("width") == long.get("width")
    assert "20 ticks" in texts(short)
    assert "72000 ticks" in texts(long)


@pytest.mark.parametrize(
    ("legend", "inside", "below"),
    [
        ("a = 42", "42", []),
        ("a = 'ok'", "ok", []),
        ("a = 'a'", "a", []),
        ("a = running", "a", ["running"]),
        ("a = [1, 2]", "a", ["[1, 2]"]),
        ("a = ''", "a", ["''"]),
        (f"a = {'x' * 99}", "a", ["x" * 59 + "…"]),
    ],
)
def test_a_short_value_stands_in_its_marble_and_others_below(
    legend: str, inside: str, below: list[str]
):
    root = picture(f"case  x\n  % {legend}\n  > f()\n  run  -a")
    shown = [text for text in texts(root) if text not in {"x", "f()", "run"}]
    assert shown[0] == inside
    assert ["".join(each.itertext())[-60:] for each in of_class(root, "note")] == below


def test_the_same_value_has_the_same_colour_whatever_its_letter():
    root = picture(
        "case  x\n  s    -ab    a = one  b = two\n  > f()\n  run  -ba    a = two  b = one"
    )
    (a, b), (c, d) = zip(*[iter(of_class(root, "marble")[:4])] * 2, strict=True)
    assert [a.get("class"), b.get("class")] == [c.get("class"), d.get("class")]


def test_an_error_says_which_it_was():
    root = picture("case  x\n  s    -#    # = refused\n  > f()\n  run  -#    # = refused")
    assert [each.text for each in of_class(root, "note")] == ["refused"]


def test_it_is_readable_on_light_and_on_dark():
    text = svg(parse("case  x\n  > f()\n  run  -a"))
    assert "@media(prefers-color-scheme:dark)" in text
    # Where nobody knows of dark, the card is light, and so is what is written on it dark.
    assert text.index(".card{fill:#fff") < text.index("@media")
    assert 'class="card"' in text
