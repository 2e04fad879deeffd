"""Runs of both engines, side by side."""

from __future__ import annotations

import asyncio
from typing import Any, assert_type

import pytest
import reactivex as rx
from reactivex import Subject

import rx_realtime as rxr
from rx_realtime.models import Closed, Failed, Opened, RunChanged, Update
from tests import virtual
from tests.virtual_streams import World
from tests.virtual_trigger import RUN, Seen, bare, done, row, rows

NEVER: rx.Observable[Update] = rx.never()


def inngest(world: virtual.World, **options: Any) -> rxr.Realtime[Any]:
    given = {
        "channel": virtual.CHANNEL,
        "topics": virtual.TOPICS,
        "token": world.token,
        "transport": world.transport,
        "scheduler": world.clock,
        "api_base_url": "http://localhost:8288",
    }
    return rxr.inngest.realtime(**{**given, **options})


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


def test_what_a_run_fails_with_is_told_once() -> None:
    world = World()
    seen = watched(world, rxr.merge_runs({"a": trigger(world)}, scheduler=world.clock).updates)
    world.say(bare(403), bare(403))
    [failed] = [each for each in seen.values if isinstance(each.update, Failed)]
    assert isinstance(failed.state.error, rxr.Forbidden)
    assert seen.is_over


@pytest.mark.parametrize("option", ["channel", "enabled", "visible", "history_limit"])
@pytest.mark.parametrize("is_open", [False, True])
def test_what_an_option_of_a_run_fails_with_is_in_its_state_and_the_others_go_on(
    option: str, *, is_open: bool
) -> None:
    one, other, runs = both()
    given, error = Subject[Any](), ValueError("of the caller's")
    first = {"channel": virtual.CHANNEL, "enabled": True, "visible": True, "history_limit": 5}
    runs["inngest"] = inngest(one, **{option: given})
    merged = rxr.merge_runs(runs, scheduler=other.clock)
    seen, table = watched(other, merged.updates), watched(other, merged.table)
    given.on_next(first[option])
    one.wait()
    if is_open:
        one.socket.open()
    given.on_error(error)
    [failed] = [each for each in seen.values if isinstance(each.update, Closed | Failed)]
    assert (failed.key, failed.update) == ("inngest", (Closed if is_open else Failed)(error))
    assert failed.state.connection_status == ("closed" if is_open else "error")
    assert table.values[-1]["inngest"] is failed.state
    assert failed.state.error is error
    assert not seen.is_over
    other.say(rows(done()))
    assert table.values[-1]["trigger"].run_status == "completed"
    assert seen.is_over
    assert seen.error is None


def test_who_looks_again_begins_anew() -> None:
    world = World()
    merged = rxr.merge_runs({"b": trigger(world), "a": trigger(world)}, scheduler=world.clock)
    first = watched(world, merged.table)
    world.say(rows(row()))
    assert [*first.values[-1]] == ["b", "a"]  # in the order in which they were given
    assert {state.run_status for state in first.values[-1].values()} == {"running", "unknown"}
    first.leave()
    second = watched(world, merged.table)
    assert [*second.values[0]] == ["b"]
    assert {state.run_status for state in second.values[-1].values()} == {"unknown"}


def test_a_loop_that_was_closed_takes_nobody_with_it() -> None:
    opened = Opened()
    merged = rxr.merge_runs({"a": rxr.Realtime[Any](lambda _: rx.concat(rx.of(opened), NEVER))})

    async def look() -> None:
        seen, is_told = list[rxr.RunUpdate[str]](), asyncio.Event()

        def see(update: rxr.RunUpdate[str]) -> None:
            seen.append(update)
            is_told.set()

        merged.updates.subscribe(see)
        await is_told.wait()
        async with merged.table.iterate() as tables:
            assert (await anext(tables))["a"].connection_status == "open"
        assert [each.update for each in seen] == [opened]

    asyncio.run(look())  # and nobody leaves
    asyncio.run(look())


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
