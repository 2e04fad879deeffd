"""Text to picture and back; and everything that a picture may not say, with a finger on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.diagram import (
    Call,
    Canvas,
    Case,
    DiagramError,
    Line,
    Mark,
    Meaning,
    Sheet,
    Window,
    draw,
    parse,
)

BACKOFF = """\
% reconnect
% Open the source again.

case  every break makes the next wait longer

  socket  --#
  socket       --#
  socket               --c|
  > reconnect(wait=[3, 6])
  run     ---------------c|
"""

TERMINAL = """\
% until_terminal            q = queued   r = running   c = completed
% values: pictures.py

case  the terminal status is delivered, then the sequence completes

  status  q-^-r--r--c--r-
            ^-------!
  > until_terminal()
  run       --r--r--(c|)
"""


def marks(text: str) -> tuple[Mark, ...]:
    return tuple(Mark(int(each[:-1]), each[-1]) for each in text.split())


# --- what is understood -----------------------------------------------------------------------


def test_a_cold_line_begins_in_the_column_of_its_subscription():
    [case] = parse(BACKOFF)
    assert case.title == "every break makes the next wait longer"
    assert case.call == Call("reconnect(wait=[3, 6])")
    assert case.lines == (
        Line("socket", 0, 3, marks("2#")),
        Line("socket", 5, 8, marks("7#")),
        Line("socket", 13, 17, marks("15c 16|")),
    )
    assert case.results == (Line("run", 0, 17, marks("15c 16|")),)
    assert (case.begins, case.until) == (0, 17)


def test_a_hot_line_happens_around_tick_0_and_its_window_says_who_listens():
    sheet = parse(TERMINAL)
    [case] = sheet
    [status] = case.lines
    assert status.is_hot
    assert status.marks == marks("-2q 2r 5r 8c 11r")
    assert status.windows == (Window(0, 8),)
    assert case.results[0].marks == marks("2r 5r 8c 8|")
    assert case.begins == -2


def test_a_legend_stands_in_prose_in_a_case_and_at_the_end_of_a_line():
    text = """\
% A title.   a = one  # = lost

case  a title

  % a = 'two words'
  source  -a-#    # = refused
  > f()
  run     -a-#
"""
    sheet = parse(text)
    [case] = sheet
    assert sheet.prose == ("A title.",)
    [source], [run] = case.lines, case.results
    assert sheet.meanings(case, source) == {"a": Meaning("'two words'"), "#": Meaning("refused")}
    assert sheet.meanings(case, run) == {"a": Meaning("'two words'"), "#": Meaning("lost")}


def test_the_values_module_and_the_prose_are_the_sheets():
    sheet = parse(TERMINAL)
    assert sheet.values == "pictures.py"
    assert sheet.prose == ("until_terminal",)
    assert sheet.legend == {
        "q": Meaning("queued"),
        "r": Meaning("running"),
        "c": Meaning("completed"),
    }


@pytest.mark.parametrize(
    ("duration", "ticks"), [(" 30s ", 30), (" 5m ", 300), (" 1h ", 3600), (" 2s ", 2)]
)
def test_a_duration_is_many_ticks_in_few_columns(duration: str, ticks: int):
    text = f"""\
case  a title

  early   -|
  long    -a{duration}b|
  late      {" " * len(duration)}-d
  > f()
  run     -a{duration}bc
"""
    case = parse(text).cases[0]
    assert case.lines[1].marks == (Mark(1, "a"), Mark(2 + ticks, "b"), Mark(3 + ticks, "|"))
    assert case.lines[2].begins == 2 + ticks
    assert case.results[0].marks[-1] == Mark(3 + ticks, "c")


def test_further_results_are_further_subscribers():
    text = """\
case  a title

  s       ^a-b-c
          ^----!
  > shared()
  first   -a-!
  second    -b-!
"""
    case = parse(text).cases[0]
    assert [(line.name, line.begins) for line in case.results] == [("first", 0), ("second", 2)]
    assert case.results[1].marks == marks("3b 5!")


# --- what is refused --------------------------------------------------------------------------


GAP = "a gap: only a duration such as ` 30s ` may stand between spaces"
NUMBER = "a marble is a letter, not a number; a legend gives it one: `n = 1`"
LEGEND = "a legend is `letter = name` or `letter = literal`, two spaces between entries"
NO_NAME = "a line is a name, spaces, and what is drawn"
ONE_WINDOW = "a cold line has one window, which begins in the line's first column"
ONE_LINE = "`s` is hot: it has one line, and a window for each subscription"
ORPHAN = "a subscription window stands under a line above the call"
ALONE = "line 2 has ` 30s ` in this column, and this not"


def refused(body: str, head: str = "") -> tuple[str, str]:
    """Return the sentence, and the character that the caret stands under."""
    with pytest.raises(DiagramError) as caught:
        parse(f"{head}{body}", file="bad.marble")
    where, _, rest = str(caught.value).partition(": ")
    why, text, caret = rest.split("\n")
    file, line, column = where.split(":")
    assert file == "bad.marble"
    assert f"{head}{body}".split("\n")[int(line) - 1] == text
    assert caret == " " * (int(column) - 1) + "^"
    return why, text[int(column) - 1 :]


@pytest.mark.parametrize(
    ("drawn", "why", "at"),
    [
        # groups
        ("-(ab-c", "no time passes inside a group", "-c"),
        ("-(ab", "this group is not closed", "(ab"),
        ("-ab)-", "this closes a group that was not opened", ")-"),
        ("-(a(bc))", "a group stands in a group", "(bc))"),
        ("-(a)", "a group holds at least two", "(a)"),
        ("-()", "a group holds at least two", "()"),
        ("-(a^)", "`^` cannot be part of a group", "^)"),
        ("-(a|b)", "nothing can follow `|`", "b)"),
        # after the end
        ("-a|b", "nothing can follow `|`", "b"),
        ("-a|-", "nothing can follow `|`", "-"),
        ("-a#|", "nothing can follow `#`", "|"),
        ("-(a|)-", "nothing can follow `|`", "-"),
        ("-(a|)b", "nothing can follow `|`", "b"),
        # signs in the wrong place
        ("^a-^b", "a second `^`", "^b"),
        ("-^a-b", "`^` stands above tick 0, the result's first column", "^a-b"),
        ("--a!", "`!` is for who leaves: it stands on a result, or on a window under a line", "!"),
        ("-1-", NUMBER, "1-"),
        ("-a?", "`?` is no marble", "?"),
        ("-é-", "`é` is no marble", "é-"),
        ("-a_b", "`_` is no marble", "_b"),
        # spaces
        ("-a- b-", GAP, " b-"),
        ("-a-  foo", GAP, "  foo"),
        ("-a 30x b", GAP, " 30x b"),
        ("-a 30s  b", GAP, " 30s  b"),
        ("-a| 30s b", "a duration stands between two columns of its line", " 30s b"),
        ("-a 30s", GAP, " 30s"),
        ("30s a", NUMBER, "30s a"),
        ("-30s-", NUMBER, "30s-"),
        # legends
        ("-a    a = b c", LEGEND, "a = b c"),
        ("-a    a = f()", LEGEND, "a = f()"),
        ("-a    a = 1  oops", LEGEND, "oops"),
        ("-a    a = 1  a = 2", "`a` has a meaning already", "a = 2"),
        ("-ab   a = 1", "the legend does not say what `b` is", "b   a = 1"),
        ("-(ab) a = 1", GAP,
         " a = 1"),
        ("-(ab)  a = 1", "the legend does not say what `b` is", "b)  a = 1"),
    ],
)  # fmt: skip
def test_what_cannot_stand_in_a_line_is_pointed_at(drawn: str, why: str, at: str):
    assert refused(f"case  x\n  s    {drawn}\n  > f()\n  run  --------") == (why, at)


@pytest.mark.parametrize(
    ("body", "why", "at"),
    [
        ("  s  a|\n", "a case without a call: `> operator()`", "case  x"),
        ("  > f()\n", "a result line is missing under the call", "> f()"),
        ("  > f()\n  > g()\n  r  a", "a second call: a case has one", "> g()"),
        ("  > f() - 1\n", "after `>` stands one call: `> reconnect(wait=[3, 6])`", "> f() - 1"),
        ("  > f(\n", "after `>` stands one call: `> reconnect(wait=[3, 6])`", "> f("),
        ("  > f\n", "after `>` stands one call: `> reconnect(wait=[3, 6])`", "> f"),
        ("  s\n", NO_NAME, "s"),
        ("  --a--\n", NO_NAME, "--a--"),
        ("  s-a\n", NO_NAME, "s-a"),
        ("s  a\n", "a case's lines are indented: `case  title` begins one", "s  a"),
        ("case\n", "a case's lines are indented: `case  title` begins one", "case"),
        ("\ncase  x\n", "a second case with this title", "case  x"),
        ("  s\t--a\n", "a tab is as wide as it likes: use spaces", "\t--a"),
        (" s   -a\n > f()\n r     -a", "a line begins before tick 0", "-a"),
        (" > f()\n r    -a\n q   -a", "a line begins before tick 0", "-a"),
        (" s   -a-\n ^\n > f()\n r   -a", ONE_WINDOW, "^"),
        (" s   -a-\n     ^\n     ^\n > f()\n r   -a", ONE_WINDOW, "^"),
        (" s   a^a\n    ^\n > f()\n r    -a", "a window opens before tick 0", "^"),
        ("     ^\n > f()\n r   -a", ORPHAN,
         "^"),
        (" > f()\n r   -a\n     ^-!", ORPHAN,
         "^-!"),
        (" s   -a-\n     ^a!\n > f()\n r   -a", "a subscription window is `^---!`, without values",
         "a!"),
        (" s   -a-\n     ^-|\n > f()\n r   -a", "a subscription window is `^---!`, without values",
         "|"),
        (" > f()\n r   ^a", "`^` makes a line hot; a result is what comes out", "^a"),
        (" > f()\n r   -(a!)", "`!` cannot be part of a group", "!)"),
        (" > f()\n r   -!a", "nothing can follow `!`", "a"),
        (" s   ^-a\n s   ^b\n > f()\n r   -a", ONE_LINE, "^b"),
        (" s   -a\n s   ^b\n > f()\n r   -a", ONE_LINE, "^b"),
        (" s   -a 30s b\n > f()\n r   -a-----b", ALONE,
         "-----b"),
        (" s   -a 30s b\n > f()\n r   -a 31s b", ALONE,
         " 31s b"),
        (" s   -a 30s b\n > f()\n r   - 30s -", ALONE,
         "30s -"),
        (" s   -a 30s b\n           -|\n > f()\n r   --", NO_NAME, "-|"),
        (" s   -a 30s b\n t       -|\n > f()\n r   --", ALONE, "-|"),
        (" s   -a 30s b|\n     ^-------!\n > f()\n r   --", ALONE, "------!"),
    ],
)  # fmt: skip
def test_what_makes_no_case_is_pointed_at(body: str, why: str, at: str):
    assert refused(f"case  x\n{body}") == (why, at)


@pytest.mark.parametrize(
    ("head", "why", "at"),
    [
        ("% values: a\n% values: b\n", "a second module of values", "% values: b"),
        ("% words   a = b c\n", LEGEND, "a = b c"),
        ("% a = 1\n% a = 2\n", "`a` has a meaning already", "a = 2"),
        ("% a = 1\n", "the legend does not say what `b` is", "b"),
        ("  s  --a\n", "this belongs to no case: `case  title` begins one", "s  --a"),
        ("words\n", "this belongs to no case: `case  title` begins one", "words"),
    ],
)
def test_what_makes_no_head_is_pointed_at(head: str, why: str, at: str):
    assert refused("\ncase  x\n  > f()\n  r  -ab", head) == (why, at)


def test_a_text_without_cases_is_no_diagram():
    with pytest.raises(DiagramError, match="there is no case"):
        parse("% only prose\n")


# --- both ways --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [BACKOFF, TERMINAL])
def test_a_drawing_says_what_was_drawn(text: str):
    assert parse(draw(parse(text))) == parse(text)


def test_what_is_drawn_by_hand_is_drawn_the_same():
    assert draw(parse(BACKOFF)) == BACKOFF


def test_a_long_silence_that_all_share_becomes_a_duration():
    case = Case(
        "a long silence",
        (Line("s", 0, 200, marks("1a 150b")), Line("t", 160, 163, marks("162|"))),
        Call("f()"),
        (Line("run", 0, 200, marks("1a 150b")),),
    )
    sheet = Sheet((case,))
    assert draw(sheet).splitlines()[2:] == [
        "  s    -a 148s b" + "-" * 49,
        "  t                      --|",
        "  > f()",
        "  run  -a 148s b" + "-" * 49,
    ]
    assert parse(draw(sheet)) == sheet


def test_what_has_no_column_cannot_be_drawn():
    line = Line("s", 0, 5, marks("1a 1b 2c"))
    with pytest.raises(DiagramError, match="tick 2 of s lies under the group before it"):
        Canvas([line]).line(line)


names = st.from_regex(r"[a-z_][a-z0-9_]{0,5}(\.[a-z]{1,3})?", fullmatch=True)
meanings = st.one_of(names, st.sampled_from(["1", "'a b'", "[1, 'x']", "None"])).map(Meaning)
words = st.from_regex(r"[a-z]{1,5}( [a-z,.]{1,5}){0,3}", fullmatch=True)
gaps = st.one_of(st.integers(0, 4), st.integers(100, 400))


@st.composite
def lines(draw_: st.DrawFn, letters: str, role: str, begins: int) -> Line:
    hot = role == "hot"
    happened: list[Mark] = []
    now = start = -draw_(st.integers(0, 3)) if hot else begins
    ends = "|#!" if role == "result" else "|#"
    for _ in range(draw_(st.integers(0, 4))):
        tick = now + draw_(gaps)
        signs = draw_(st.lists(st.sampled_from(letters), min_size=1, max_size=3))
        width = len(signs) + 2 * (len(signs) > 1)
        if hot and tick <= 0 < tick + width:
            tick = 1
        if hot and now <= 0 < tick:
            now = 1
        happened += [Mark(tick, sign) for sign in signs]
        now = tick + width
    now = max(now, 1 if hot else start + 1)
    if draw_(st.booleans()):
        now += draw_(gaps)
        happened.append(Mark(now, draw_(st.sampled_from(ends))))
        now += 1
    else:
        now += draw_(gaps)
    windows: list[Window] = []
    if role != "result" and draw_(st.booleans()):
        opens = draw_(gaps) if hot else start
        windows = [Window(opens, draw_(st.none() | gaps.map(lambda gap: opens + 1 + gap)))]
    legend = draw_(st.dictionaries(st.sampled_from("#"), meanings))
    return Line(draw_(names), start, now, tuple(happened), hot, tuple(windows), legend)


@st.composite
def cases(draw_: st.DrawFn, letters: str, title: str) -> Case:
    above = [
        draw_(lines(letters, role, draw_(gaps)))
        for role in draw_(st.lists(st.sampled_from(["hot", "cold"]), max_size=3))
    ]
    unique = {line.name: line for line in above}.values()
    below = [draw_(lines(letters, "result", 0))]
    below += [draw_(lines(letters, "result", draw_(gaps))) for _ in range(draw_(st.integers(0, 2)))]
    return Case(
        title,
        tuple(unique),
        Call("f(x, y=[1])"),
        tuple(below),
        tuple(draw_(st.lists(words, max_size=2))),
    )


@st.composite
def sheets(draw_: st.DrawFn) -> Sheet:
    legend = draw_(st.dictionaries(st.sampled_from("abcXYZ"), meanings, max_size=4))
    letters = "".join(legend) or "abcXYZ"
    titles = draw_(st.lists(words, min_size=1, max_size=3, unique=True))
    return Sheet(
        tuple(draw_(cases(letters, title)) for title in titles),
        tuple(draw_(st.lists(words, max_size=2))),
        legend,
        draw_(st.none() | names),
    )


@given(sheets())
def test_parsing_a_drawing_gives_the_same_picture(sheet: Sheet):
    assert parse(draw(sheet)) == sheet


@given(st.text(alphabet="-ab|#()^! 30s\n>%=case", max_size=60))
def test_any_text_is_read_or_refused(text: str):
    try:
        sheet = parse(f"case  x\n  s  {text}\n  > f()\n  r  -a")
    except DiagramError:
        return
    assert parse(draw(sheet)) == sheet
