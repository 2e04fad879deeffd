"""Drawings that can be pasted: what was seen is a case, and who pastes it sees the same again."""

from __future__ import annotations

from typing import Any

import pytest
import reactivex as rx
from reactivex import Subject
from reactivex import operators as rx_ops
from reactivex.testing import TestScheduler

from rx_realtime import OptionError, ops
from rx_realtime.diagram import Sheet, parse


def last_sheet(source: rx.Observable[Any], until: float, **options: Any) -> Sheet:
    clock = TestScheduler()
    drawings: list[str] = []
    subscription = source.pipe(ops.to_marbles(**options)).subscribe(
        drawings.append, scheduler=clock
    )
    clock.advance_to(until)
    subscription.dispose()
    return parse(drawings[-1])


def test_a_drawing_is_a_case_of_a_marble_file():
    def percent(n: int) -> object:
        return {"percent": n * 50}

    source = rx.timer(1.0, 2.0).pipe(rx_ops.take(3), rx_ops.map(percent))
    sheet = last_sheet(source, 9, tick=0.5, name="progress", call="watch('video:1')")
    [case] = sheet
    assert case.call.text == "watch('video:1')"
    [line] = case.results
    assert (line.name, line.begins, line.until) == ("progress", 0, 14)
    marks = [(mark.tick, mark.sign) for mark in line.marks]
    assert marks == [(2, "p"), (6, "P"), (10, "e"), (10, "|")]
    assert [meaning.text for meaning in case.legend.values()] == [
        "{'percent': 0}",
        "{'percent': 50}",
        "{'percent': 100}",
    ]


def test_of_a_stream_without_end_only_the_last_columns_are_kept():
    sheet = last_sheet(rx.interval(0.01), 30, columns=20)
    assert sheet.cases[0].until == 20


def test_a_failure_is_the_end_of_the_drawing_and_says_which():
    source: Subject[str] = Subject()
    ended: list[str] = []
    drawings: list[str] = []
    source.pipe(ops.to_marbles()).subscribe(
        drawings.append, on_completed=lambda: ended.append("completed"), scheduler=TestScheduler()
    )
    source.on_next("a")
    source.on_error(ValueError("no more"))
    assert ended == ["completed"]
    assert drawings == ["case  what was seen\n\n  > source()\n  run  (a#)    # = 'no more'\n"]


@pytest.mark.parametrize("options", [{"tick": 0}, {"tick": float("nan")}, {"columns": 5}])
def test_a_drawing_without_time_or_space_is_refused(options: dict[str, Any]):
    with pytest.raises(OptionError):
        ops.to_marbles(**options)
