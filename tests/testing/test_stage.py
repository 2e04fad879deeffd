"""The stage performs what is drawn, and its voice is a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import Disposable
from reactivex.scheduler import NewThreadScheduler, TimeoutScheduler

from rx_realtime.diagram import DiagramError, parse
from rx_realtime.errors import ConnectionLost, NotFound
from rx_realtime.testing import Differs, check, load_values
from rx_realtime.testing.sameness import is_same

Operator = Callable[[Observable[Any]], Observable[Any]]


def play(body: str, **values: Any) -> str:
    """Perform one case, and return what the stage says of it: nothing when all is as drawn."""
    text = indent(dedent(body).strip("\n"), "  ")
    sheet = parse(f"case  a title\n\n{text}\n", file="f.marble")
    try:
        check(sheet, sheet.cases[0], values)
    except Differs as error:
        first, _, rest = str(error).partition("\n")
        assert first == "f.marble:1  a title"
        return rest
    return ""


def same() -> Operator:
    return lambda source: source


# --- what is performed ------------------------------------------------------------------------


def test_a_cold_line_is_subscribed_in_its_column_and_runs_from_there():
    picture = """
      a      --x|
      b         --y|
      > after(a, b)
      run    --x--y|
    """
    assert play(picture, after=rx.concat) == ""


def test_what_stands_in_the_first_column_is_delivered_while_subscribing():
    order: list[str] = []

    def eager(source: Observable[str]) -> Observable[str]:
        def subscribe(observer: abc.ObserverBase[str], scheduler: Any = None) -> Any:
            order.append("before")
            left = source.subscribe(order.append, scheduler=scheduler)
            order.append("after")
            return left

        return rx.create(subscribe)

    assert play("  s  a--\n  > eager(s)\n  r  ---", eager=eager) == ""
    assert order == ["before", "a", "after"]


def test_a_hot_line_happens_whoever_listens():
    picture = """
      s     ab^c-d-e|
              ^---!
      > same()
      r       -c-d!
    """
    assert play(picture, same=same) == ""


def test_each_result_line_is_a_subscriber_of_its_own():
    picture = """
      s       --a-b-c-d-|
      s          --a-b-c-d-|
      > same()
      first   --a-b-!
      second     --a-b-c-d-|
    """
    assert play(picture, same=same) == ""


def test_who_leaves_in_a_tick_has_no_part_in_it_and_who_comes_has():
    picture = """
      s       ^--a--b-
              ^--!
                 ^--!
      > same()
      first   ---!
      second     a--!
    """
    assert play(picture, same=same) == ""


def test_a_result_names_what_it_looks_at_where_the_call_makes_more_than_one_observable():
    @dataclass
    class Halves:
        left: Observable[Any]
        right: Observable[Any]

    picture = """
      s          ^-a-b-c-d
      > halves(s)
      left       --a---c--
      right      ----b---d
    """

    def halves(s: Observable[str]) -> Halves:
        def one_of(letters: str) -> Observable[str]:
            return s.pipe(ops.filter(letters.__contains__))

        return Halves(one_of("ac"), one_of("bd"))

    assert play(picture, halves=halves) == ""


def test_a_duration_passes_in_few_columns_and_in_no_real_time():
    picture = """
      s   --a 2h -b|
      > same()
      r   --a 2h -b|
    """
    assert play(picture, same=same) == ""


def test_letters_stand_for_names_and_literals_and_without_a_legend_for_themselves():
    picture = """
      s   -a-b|         a = one  b = [1, 'x']
      > same()
      r   -c-b|         b = [1, 'x']  c = one
    """
    assert play(picture, same=same, one=object()) == ""
    assert play("  s  -a|\n  > same()\n  r  -a|  a = 'a'", same=same) == ""


def test_a_hash_is_a_lost_connection_unless_a_legend_says_which_error():
    assert play("  s  -#\n  > same()\n  r  -#  # = lost", same=same,
                lost=ConnectionLost(reason="#")) == ""  # fmt: skip
    assert play("  s  -#  # = one\n  > same()\n  r  -#  # = two", same=same,
                one=NotFound(404, "x"), two=NotFound(404, "x")) == ""  # fmt: skip


def test_an_operator_of_the_library_needs_no_values_and_one_of_the_users_is_found_first():
    assert play("  s  -#\n  s    -a|\n  > reconnect([1])\n  r  ---a|") == ""
    assert play("  s  -a|\n  > reconnect()\n  r  -a|", reconnect=same) == ""


def test_only_a_function_of_the_user_is_given_the_scheduler():
    def beat(every: float, scheduler: abc.SchedulerBase) -> Observable[int]:
        return rx.interval(every, scheduler=scheduler)

    assert play("  > beat(2)\n  r  --a-b!  a = 0  b = 1", beat=beat) == ""


# --- what is told -----------------------------------------------------------------------------


def test_a_failure_is_a_picture_with_a_finger_on_it():
    picture = """
      socket  --#
      socket       --#
      socket               --c|
      > reconnect(wait=[3, 3])
      run     ---------------c|
    """
    assert play(picture) == (
        "  expected  ---------------c|\n"
        "  actual    ------------c|\n"
        "                        ^ 3 ticks early; third subscription at 10, drawn at 13"
    )


def said(picture: str, **values: Any) -> str:
    return play(picture, **{"same": same, **values}).split("^ ")[-1].split("\n")[0]


@pytest.mark.parametrize(
    ("source", "result", "sentence"),
    [
        ("-a-|", "-a|", "1 tick late"),
        ("-a|", "-a--|", "2 ticks early"),
        ("-a-|", "-b-|", "'a' instead of 'b'"),
        ("-a-|", "-a-#", "the end instead of the error ConnectionLost(None, '#')"),
        ("-a-b", "-a--", "'b' is not drawn"),
        ("-a--", "-a-b", "'b' is missing"),
        ("----", "-a-b", "nothing arrived by tick 3"),
        ("-(ab)", "-(ba)", "'a' instead of 'b'"),
        ("-a-|  a = 1", "-a-|  a = True", "int 1 instead of bool True"),
        ("-a-|  a = [1]", "-a-|  a = [True]", "[1] instead of [True]"),
        ("-#    # = one", "-|", "the error NotFound(404, '') instead of the end"),
    ],
)  # fmt: skip
def test_every_difference_has_its_sentence(source: str, result: str, sentence: str):
    picture = f"  s  {source}\n  > same()\n  r  {result}"
    assert said(picture, one=NotFound(404)) == sentence


def test_a_value_that_no_legend_knows_is_spelled_out():
    assert play("  s  -a|  a = 'something'\n  > same()\n  r  -a|", same=same) == (
        "  expected  -a|\n  actual    -?|\n             ^ 'something' instead of 'a'\n"
        "  ? is 'something'"
    )


def test_what_has_no_picture_is_listed():
    half = rx.timer(0.5).pipe(ops.map(lambda _: "a"))
    assert play("  > half()\n  r  --", half=lambda: half) == (
        "  expected  nothing\n  actual    a@0.5 |@0.5\n  'a' is not drawn"
    )


def test_of_several_results_only_the_wrong_one_is_shown():
    picture = """
      s       ^-a-b-
      > same()
      first   --a-b-
      second  --a---
    """
    assert play(picture, same=same) == (
        "  second expected  --a---\n  second actual    --a-b-\n"
        "                       ^ 'b' is not drawn"
    )


@pytest.mark.parametrize(
    ("picture", "sentence"),
    [
        ("  s  ^-a-\n     ^-!\n  > same()\n  r  --a-",
         "first subscription did not end, drawn to end at 2"),
        ("  s  ^-a|\n     ^--\n  > same()\n  r  --a|",
         "first subscription ended at 3, drawn to go on"),
        ("  s  ^-a|\n       ^!\n  > same()\n  r  --a|", "first subscription at 0, drawn at 2"),
        ("  s  ^-a-\n     ^---\n     ^---\n  > same()\n  r  --a-",
         "no second subscription, drawn at 0"),
        ("  s  --a|\n  > again()\n  r  --aa|", "a second subscription at 3, which is not drawn"),
        ("  s  --a|\n  s     --b|\n  > same()\n  r  --a|", "no second subscription, drawn at 3"),
        ("  s  --a--b\n  > first()\n  r  --(a|)", "first subscription went on after the end at 2"),
    ],
)  # fmt: skip
def test_every_subscription_has_its_sentence(picture: str, sentence: str):
    def first(source: Observable[Any]) -> Observable[Any]:
        def subscribe(observer: abc.ObserverBase[Any], scheduler: Any = None) -> Any:
            def on_next(value: Any) -> None:
                observer.on_next(value)
                observer.on_completed()

            source.subscribe(on_next)  # and forgets to leave
            return Disposable()

        return rx.create(subscribe)

    told = play(picture, same=same, first=lambda: first, again=lambda: ops.repeat(2))
    assert sentence in told


def test_a_subscription_that_nobody_holds_any_longer_is_a_leak():
    def leaking(source: Observable[Any]) -> Observable[Any]:
        def subscribe(observer: abc.ObserverBase[Any], scheduler: Any = None) -> Any:
            source.subscribe(observer.on_next, scheduler=scheduler)
            return Disposable()

        return rx.create(subscribe)

    picture = "  s  -a-b\n  > leaking()\n  r  -a-b"
    assert play(picture, leaking=lambda: leaking) == "  a subscription was left behind"


def test_a_timer_that_nobody_waits_for_any_longer_is_a_leak():
    def late(source: Observable[Any]) -> Observable[Any]:
        def subscribe(observer: abc.ObserverBase[Any], scheduler: Any = None) -> Any:
            scheduler.schedule_relative(9.0, lambda *_: None)
            return source.subscribe(observer, scheduler=scheduler)

        return rx.create(subscribe)

    picture = "  s  -a-b\n  > late()\n  r  -a-b"
    assert play(picture, late=lambda: late) == "  a timer for tick 9 was left behind"


@pytest.mark.parametrize("scheduler", [TimeoutScheduler(), NewThreadScheduler()])
def test_real_time_fails_a_case(scheduler: abc.SchedulerBase):
    def slow() -> Operator:
        return lambda source: source.pipe(ops.delay(2.0, scheduler=scheduler))

    picture = "  s  -a-b|\n  > slow()\n  r  ---a-b|"
    sentence = said(picture, slow=slow)
    expected = "nothing arrived by tick 6; did an operator forget scheduler=? A real thread"
    assert sentence.startswith(expected)


def test_an_exception_that_nobody_was_told_is_told():
    def raising() -> Operator:
        def operator(source: Observable[Any]) -> Observable[Any]:
            def subscribe(observer: abc.ObserverBase[Any], scheduler: Any = None) -> Any:
                def on_next(_: Any) -> None:
                    raise ZeroDivisionError

                return source.subscribe(on_next, scheduler=scheduler)

            return rx.create(subscribe)

        return operator

    picture = "  s  -a-b\n  > raising()\n  r  ----"
    assert play(picture, raising=raising) == (
        "  ZeroDivisionError() was raised at tick 1 and told to nobody"
    )


# --- what cannot be performed -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        ("  s  -a\n  > nothing()\n  r  -a",
         "`nothing` is neither an operator nor defined by the values module"),
        ("  s  -a\n  > same(x)\n  r  -a", "`x` is neither a line of this case nor a value"),
        ("  s  -a\n  > same(1 + 1)\n  r  -a", "`1 + 1` is neither a literal nor a name"),
        ("  s  -a\n  t  -a\n  > same()\n  r  -a",
         "an operator has one source: a line that is not an argument, not 2"),
        ("  > same()\n  r  -a",
         "an operator has one source: a line that is not an argument, not 0"),
        ("  s  -a\n  > never()\n  r  -a", "nothing is done with `s`"),
        ("  s  -a  a = huh\n  > same()\n  r  -a", "the values module does not define `huh`"),
        ("  > number()\n  r  -a", "what the call makes has no observable `r`"),
    ],
)  # fmt: skip
def test_a_case_that_cannot_be_performed_is_pointed_at(picture: str, why: str):
    with pytest.raises(DiagramError) as caught:
        play(picture, same=same, never=rx.never, number=lambda: 7)
    assert caught.value.why == why
    assert caught.value.place.line


def test_values_are_a_file_beside_the_diagram_or_a_module(tmp_path: Path):
    (tmp_path / "pictures.py").write_text("one = 1", "utf-8")
    beside = parse("% values: pictures.py\ncase  x\n  > f()\n  r  a")
    assert load_values(beside, tmp_path)["one"] == 1
    assert load_values(beside, tmp_path) is load_values(beside, tmp_path)
    module = parse("% values: math\ncase  x\n  > f()\n  r  a")
    assert load_values(module)["pi"] > 3
    for name in ("other.py", "no.such.module"):
        with pytest.raises(DiagramError, match="there is no such"):
            load_values(parse(f"% values: {name}\ncase  x\n  > f()\n  r  a"), tmp_path)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        ([1], [True]),
        ((1, 2), (1, 2, 3)),
        ({"a": 1}, {"a": True}),
        (ValueError("x"), RuntimeError("x")),
        (ValueError("x"), ValueError("y")),
        (NotFound(404, retry_after=1), NotFound(404, retry_after=2)),
    ],
)
def test_what_is_nearly_the_same_is_not(one: Any, other: Any):
    assert not is_same(one, other)
    assert is_same(one, one)


def test_equal_errors_are_the_same_also_inside_of_values():
    @dataclass
    class Told:
        error: Exception

    assert is_same(Told(ConnectionLost(1006)), Told(ConnectionLost(1006)))
    assert not is_same(Told(ConnectionLost(1006)), Told(ConnectionLost(1001)))
