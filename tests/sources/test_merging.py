"""Runs of both engines, side by side."""

from __future__ import annotations

from typing import Any, assert_type

import pytest
from reactivex import Subject

import rx_realtime as rxr
from rx_realtime.models import Closed, RunChanged
from tests import virtual
from tests.virtual_streams import World
from tests.virtual_trigger import RUN, Seen, bare, done, row, rows


def inngest(world: virtual.World) -> rxr.Realtime[Any]:
    return rxr.inngest.realtime(
        virtual.CHANNEL,
        topics=virtual.TOPICS,
        token=world.token,
        transport=world.transport,
        scheduler=world.clock,
        api_base_url="http://localhost:8288",
    )


def trigger(world: World) -> rxr.Realtime[Any]:
    return rxr.trigger.realtime(RUN, scheduler=world.clock, **world.options)


def both() -> tuple[virtual.World, World, dict[str, rxr.Realtime[Any]]]:
    one, other = virtual.World(), World()
    return one, other, {"inngest": inngest(one), "trigger": trigger(other)}


def watched(world: World, feed: Any) -> Seen[Any]:
    return world.watch(feed)


def test_updates_of_both_engines_are_told_apart_by_their_keys() -> None:
    one, other, runs = both()
    merged = rxr.merge_runs(runs, scheduler=other.clock)
    assert_type(merged, rxr.MergedRuns[str])
    seen = watched(other, merged.updates)
    one.wait()
    one.socket.open().send(virtual.frame("hello"))
    other.start()
    changes = [each for each in seen.values if isinstance(each.update, RunChanged)]
    assert [(each.key, each.state.run_status) for each in changes] == [("trigger", "running")]
    assert {each.key for each in seen.values} == {"inngest", "trigger"}
    assert runs["inngest"].current.messages.last is not None


def test_the_table_has_the_state_of_every_run_and_ends_with_the_last() -> None:
    one, other, runs = both()
    merged = rxr.merge_runs(runs, scheduler=other.clock)
    seen = watched(other, merged.table)
    one.wait()
    other.start()
    one.socket.open().send(virtual.run_frame(status="Completed"))
    late = watched(other, merged.table)
    assert {key: str(state.run_status) for key, state in late.values[0].items()} == {
        "inngest": str(runs["inngest"].current.run_status),
        "trigger": "running",
    }
    other.say(rows(done()))
    assert seen.values[-1]["trigger"].run_status == "completed"
    assert seen.values[0]["inngest"].run_status == "unknown"  # a table does not change
    assert all(one is not other for one, other in zip(seen.values, seen.values[1:], strict=False))


def test_a_run_that_fails_costs_only_itself() -> None:
    first, second = World(), World()
    second.clock = first.clock
    merged = rxr.merge_runs([("a", trigger(first)), ("b", trigger(second))], scheduler=first.clock)
    seen = watched(first, merged.table)
    first.say(bare(403), bare(403))
    assert not seen.is_over
    assert isinstance(seen.values[-1]["a"].error, rxr.Forbidden)
    second.say(rows(row()), rows(done()))
    assert seen.values[-1]["b"].run_status == "completed"
    assert seen.is_over
    assert seen.error is None


def test_runs_may_be_added_as_they_come() -> None:
    world, coming = World(), Subject[tuple[str, rxr.Realtime[Any]]]()
    merged = rxr.merge_runs(coming, scheduler=world.clock)
    seen = watched(world, merged.updates)
    coming.on_next(("a", trigger(world)))
    world.wait()
    world.say(rows(row()), rows(done()))
    assert seen.values[-1].update == Closed()
    assert not seen.is_over
    coming.on_completed()
    assert seen.is_over


def test_two_runs_of_one_key_are_refused() -> None:
    world = World()
    merged = rxr.merge_runs([("a", trigger(world)), ("a", trigger(world))], scheduler=world.clock)
    seen = watched(world, merged.updates)
    assert isinstance(seen.error, rxr.OptionError)


@pytest.mark.parametrize("view", ["updates", "table"])
def test_the_last_to_leave_leaves_all_runs(view: str) -> None:
    world = World()
    merged = rxr.merge_runs({"a": trigger(world)}, scheduler=world.clock)
    seen = watched(world, getattr(merged, view))
    assert world.pending
    seen.leave()
    assert not world.pending
