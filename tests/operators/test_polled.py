"""How soon the next question follows, and what a sleep, metadata and fresh tokens do."""

from __future__ import annotations

from typing import Any

import pytest
import reactivex as rx
from reactivex import Subject
from reactivex.scheduler import VirtualTimeScheduler

import rx_realtime as rxr
from rx_realtime.models import CaughtUp, Opened, Restarted, RowChanged, Run, RunChanged, Update
from rx_realtime.operators import Pace, metadata, refreshed, woken
from tests.virtual_trigger import as_run, row

NEWS: tuple[Update, ...] = (RowChanged("k", {}), CaughtUp(1))


def asked_at(*answers: tuple[tuple[Update, ...], float]) -> list[float]:
    """When questions are put whose answers say these things after so many seconds."""
    pace, now, times = Pace(), 100.0, list[float]()
    for updates, took in answers:
        now += pace.wait(now)
        pace.asked(now)
        times.append(round(now - 100.0, 1))
        now += took
        pace.answered(now, updates)
    return times


def test_after_news_the_next_question_follows_at_once():
    assert asked_at(*[(NEWS, 0.0)] * 10) == [0.0] * 10


def test_after_an_answer_that_was_held_the_next_question_follows_at_once():
    assert asked_at(*[((), 20.0)] * 4) == [0, 20, 40, 60]


def test_answers_that_come_at_once_and_say_nothing_are_waited_for_longer_and_longer():
    assert asked_at(*[((), 0.0)] * 9) == [0, 0, 0, 1, 3, 7, 12, 17, 22]


def test_news_ends_the_waiting():
    assert asked_at(*[((), 0.0)] * 5, (NEWS, 0.0), ((), 0.0)) == [0, 0, 0, 1, 3, 7, 7]


def test_what_a_server_says_after_it_began_anew_is_no_news_for_a_while():
    begun_anew: tuple[Update, ...] = (Restarted(),)
    assert asked_at((begun_anew, 0.0), *[(NEWS, 0.0)] * 4) == [0, 0, 0, 1, 3]
    assert asked_at((begun_anew, 0.0), ((), 6.0), *[(NEWS, 0.0)] * 4) == [0, 0, 6, 6, 6, 6]


# ── a sleep ───────────────────────────────────────────────────────────────────────────────────


def test_a_machine_that_slept_is_noticed_when_it_wakes():
    clock, slept, errors = VirtualTimeScheduler(), [0.0], list[Exception]()

    def wall() -> float:
        return clock.to_seconds(clock.now) + slept[0]

    rx.never().pipe(woken(wall=wall)).subscribe(on_error=errors.append, scheduler=clock)
    clock.advance_by(60)
    slept[0] = 5.0  # no more than a busy moment
    clock.advance_by(60)
    assert errors == []
    slept[0] = 600.0
    clock.advance_by(3)
    assert [type(error) for error in errors] == [rxr.Stalled]
    assert "wake up" in str(errors[0])


def test_leaving_stops_looking_at_the_clock():
    clock, looks = VirtualTimeScheduler(), [0]

    def wall() -> float:
        looks[0] += 1
        return 0.0

    rx.never().pipe(woken(wall=wall)).subscribe(scheduler=clock).dispose()
    before = looks[0]
    clock.advance_by(60)
    assert looks[0] == before


# ── a token that runs out ─────────────────────────────────────────────────────────────────────


def test_a_token_that_was_accepted_is_worth_another_one():
    attempts: list[Subject[Any]] = []

    def attempt(_: object) -> Subject[Any]:
        attempts.append(Subject())
        return attempts[-1]

    errors: list[Exception] = []
    accepted = refreshed(accepts=lambda value: isinstance(value, Opened))
    rx.defer(attempt).pipe(accepted).subscribe(on_error=errors.append)
    for _ in range(3):
        attempts[-1].on_next(Opened())
        attempts[-1].on_error(rxr.NotAuthorized(401))
    assert len(attempts) == 4
    attempts[-1].on_error(rxr.NotAuthorized(401))
    assert len(attempts) == 4
    assert [type(error) for error in errors] == [rxr.NotAuthorized]


# ── metadata ──────────────────────────────────────────────────────────────────────────────────


def run_with(text: str | None) -> Run:
    return as_run(row(metadata=text)["value"])


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("progress.percentage", [10, 20, None]),
        ("progress", [{"percentage": 10}, {"percentage": 20}, {"percentage": None}]),
        ("items.1", ["b"]),
        ("items.9", []),
        ("items.b", []),
        ("nothing.at.all", []),
        ("progress.percentage.deeper", []),
    ],
)
def test_a_value_is_picked_each_time_it_changes(path: str, values: list[Any]):
    said = [
        None,
        '{"progress":{"percentage":10},"items":["a","b"]}',
        '{"progress":{"percentage":10},"items":["a","b"],"other":1}',
        '{"progress":{"percentage":20}}',
        '{"progress":{"percentage":null}}',
        '"text"',
    ]
    seen: list[Any] = []
    rx.from_iterable(map(run_with, said)).pipe(metadata(path)).subscribe(seen.append)
    assert seen == values


def test_updates_are_looked_into_and_others_left_out():
    run = run_with('{"a":1}')
    updates = [Opened(), RunChanged(data=run), RunChanged(data={"no": "run"}), CaughtUp(1)]
    seen: list[Any] = []
    rx.from_iterable(updates).pipe(metadata()).subscribe(seen.append)
    assert seen == [{"a": 1}]
