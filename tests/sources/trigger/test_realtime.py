"""A run as the hook sees it, under virtual time."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel
from reactivex import Subject
from reactivex.subject import BehaviorSubject

import rx_realtime as rxr
from rx_realtime.models import Invalid, Reset, Update
from tests.virtual_trigger import RUN, World, as_run, bare, done, row, rows

trigger = rxr.trigger


class Output(BaseModel):
    ok: bool


def test_a_run_feeds_the_run_status_and_the_result() -> None:
    world = World()
    rt = trigger.realtime(RUN, result=Output, scheduler=world.clock, **world.options)
    seen = world.watch(rt.state)
    world.say(rows(row(status="PENDING")))
    assert (rt.current.connection_status, rt.current.run_status) == ("open", "unknown")
    world.say(rows(row(at=1)))
    assert rt.current.run_status == "running"
    world.say(rows(done(output='{"ok":true}')))
    assert (rt.current.connection_status, rt.current.run_status) == ("closed", "completed")
    assert rt.current.result == Output(ok=True)
    assert seen.is_over
    assert world.pending == []


def test_an_output_that_does_not_fit_is_reported_and_the_run_is_over() -> None:
    world = World()
    rt = trigger.realtime(RUN, result=Output, scheduler=world.clock, **world.options)
    seen = world.watch(rt.events)
    world.say(rows(done(output='{"ok":"perhaps"}')))
    assert len(seen.of(Invalid)) == 1
    assert (rt.current.run_status, rt.current.result) == ("completed", None)


def test_a_run_that_failed_has_no_result() -> None:
    world = World()
    rt = trigger.realtime(RUN, scheduler=world.clock, **world.options)
    seen = world.watch(rt.state)
    failed = row(status="CRASHED", completedAt="2026-06-06T10:00:00", output='"half"')
    world.say(rows(failed))
    assert (rt.current.run_status, rt.current.result) == ("failed", None)
    assert seen.is_over


def test_without_a_run_it_is_idle_and_another_run_begins_anew() -> None:
    world, run_id = World(), BehaviorSubject[str | None](None)
    rt = trigger.realtime(run_id, scheduler=world.clock, **world.options)
    seen = world.watch(rt.events)
    assert rt.current.connection_status == "idle"
    assert world.questions == []
    run_id.on_next("run_1")
    world.wait()
    world.say(rows(row("run_1")))
    run_id.on_next("run_2")
    world.wait()
    assert len(seen.of(Reset)) == 2
    assert [question.is_left for question in world.questions] == [True, True, False]
    assert "/runs/run_2?" in world.question.request.url
    assert world.question.params["offset"] == "-1"
    assert rt.current.run_status == "unknown"
    seen.leave()


def test_another_token_goes_on_with_the_same_run() -> None:
    world, token = World(), BehaviorSubject[Any]("first")
    rt = trigger.realtime(RUN, scheduler=world.clock, **{**world.options, "token": token})
    seen = world.watch(rt.events)
    world.say(rows(row()))
    token.on_next("second")
    world.wait()
    assert world.question.token == "second"
    assert seen.of(Reset) == []
    assert rt.current.run_status == "running"
    seen.leave()


def test_reset_after_the_end_follows_the_run_again() -> None:
    world = World()
    rt = trigger.realtime(RUN, scheduler=world.clock, **world.options)
    with rt:
        world.wait()
        world.say(rows(done()))
        assert world.pending == []
        rt.reset()
        world.wait()
        assert world.question.params["offset"] == "-1"
        world.say(rows(done()))
        assert rt.current.run_status == "completed"


def test_an_end_that_no_attempt_can_heal_is_an_error_that_the_state_has_shown() -> None:
    world = World()
    rt = trigger.realtime(RUN, scheduler=world.clock, **world.options)
    seen = world.watch(rt.state)
    world.say(bare(403, b'{"error":"Unauthorized"}'))
    assert isinstance(seen.error, rxr.Forbidden)
    assert rt.current.connection_status == "error"
    assert rt.current.error is seen.error


def test_without_auto_close_the_feed_goes_on_after_the_end() -> None:
    world = World()
    rt = trigger.realtime(RUN, auto_close_on_terminal=False, scheduler=world.clock, **world.options)
    seen = world.watch(rt.state)
    world.say(rows(done()))
    assert not seen.is_over
    assert world.question.is_live
    seen.leave()
    assert world.pending == []


@pytest.mark.parametrize("options", [{"skip_columns": ["nonsense"]}, {"reconnect_min": -1}])
def test_options_that_cannot_be_used_are_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(rxr.OptionError):
        trigger.realtime(RUN, **options)


def test_what_is_followed_is_one_thing() -> None:
    with pytest.raises(rxr.OptionError, match="not several"):
        trigger.subscribe("run_1", tags=["a"])
    with pytest.raises(rxr.OptionError, match="created_at"):
        trigger.subscribe("run_1", created_at="1h")


def test_values_that_are_fetched_hold_back_what_follows_and_overtake_nothing() -> None:
    from rx_realtime.models import Opened, Stored
    from rx_realtime.sources.trigger.packets import unpacked
    from rx_realtime.wire.trigger.words import run_change

    source: Subject[tuple[Update, ...]] = Subject()
    asked: list[tuple[str, Subject[Any]]] = []

    def fetch(run_id: str, stored: Stored) -> Subject[Any]:
        asked.append((stored.path, Subject()))
        return asked[-1][1]

    def said(run_id: str, at: int, **columns: Any) -> Update:
        return run_change(as_run(row(run_id, at=at, **columns)["value"]))

    seen: list[Any] = []
    source.pipe(unpacked(fetch)).subscribe(seen.append)
    elsewhere = {
        "output": "path",
        "outputType": "application/store",
        "status": "COMPLETED_SUCCESSFULLY",
    }
    source.on_next((said("a", 1, **elsewhere), said("b", 2)))
    for second in range(3, 50):
        source.on_next((said("b", second),))
    source.on_next((Opened(),))
    assert seen == []
    asked[0][1].on_next({"big": 1})
    assert [getattr(each, "run_id", "opened") for each in seen] == ["a", "b", "opened"]
    assert seen[0].result == {"big": 1}
    assert seen[1].at.second == 49
    source.on_next((said("a", 50, **elsewhere),))
    assert len(asked) == 1  # it is known
    assert seen[-1].data.output == {"big": 1}
