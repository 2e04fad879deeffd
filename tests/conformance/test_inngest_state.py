"""State, history, buffering, pausing and resetting: what `useRealtime` does, and where we differ.

The numbers are those of inngest.md beside this file.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from reactivex.subject import BehaviorSubject

import rx_realtime as rxr
from rx_realtime.models import Gap, Reset
from tests.virtual import TOPICS, World, frame, opened, run_frame


def test_without_a_buffer_each_message_is_a_state_of_its_own() -> None:
    """Case 42. Better: in a burst, the hook shows one of thirty."""
    world, seen = opened()
    before = len(seen.states)
    world.socket.send(*map(frame, range(30)))
    deltas = [[message.data for message in state.messages.delta] for state in seen.states[before:]]
    assert deltas == [[data] for data in range(30)]


def test_a_buffer_holds_back_all_last_and_delta_until_its_tick_and_by_topic_not_at_all() -> None:
    """Case 43."""
    world, seen = opened(buffer_interval=5)
    world.wait(1)
    world.socket.send(frame(1), frame(2))
    messages = seen.now.messages
    assert messages.by_topic["status"].data == 2
    assert (seen.all, messages.last, seen.delta) == ([], None, [])
    world.wait(3.9)
    assert seen.all == []
    world.wait(0.1)
    assert seen.now.messages.last is not None
    assert (seen.all, seen.delta, seen.now.messages.last.data) == ([1, 2], [1, 2], 2)


def test_a_tick_with_nothing_to_deliver_says_nothing_and_leaves_delta_as_it_was() -> None:
    """Case 43."""
    world, seen = opened(buffer_interval=5)
    world.socket.send(frame(1))
    world.wait(5)
    count = len(seen.states)
    world.wait(50)
    assert len(seen.states) == count
    assert seen.delta == [1]


def test_what_waits_is_delivered_before_a_pause() -> None:
    """Case 44."""
    enabled = BehaviorSubject(True)
    world, seen = opened(buffer_interval=5, enabled=enabled)
    world.socket.send(frame(1), frame(2))
    enabled.on_next(False)
    assert seen.now.connection_status == "paused"
    assert seen.all == seen.delta == [1, 2]
    assert seen.states[-2].messages.delta == seen.now.messages.delta
    assert seen.states[-2].connection_status == "open"


def test_what_waits_is_delivered_before_the_connection_ends() -> None:
    """Case 44."""
    world, seen = opened(buffer_interval=5)
    world.socket.send(frame(1))
    world.socket.break_off()
    assert seen.all == [1]
    assert [state.connection_status for state in seen.states[-2:]] == ["open", "closed"]


def test_what_waits_is_delivered_before_the_end_of_the_run() -> None:
    """Case 44."""
    world, seen = opened(buffer_interval=5)
    world.socket.send(frame(1), run_frame(status="completed", result="ok"))
    assert seen.is_over
    assert (seen.all, seen.now.result) == ([1], "ok")


@pytest.mark.parametrize("change", ["key", "channel"])
def test_what_waits_is_delivered_and_then_cleared_when_the_key_or_the_channel_changes(
    change: str,
) -> None:
    """Case 44."""
    prop = BehaviorSubject("a")
    world, seen = opened(buffer_interval=5, **{change: prop})
    if change == "channel":
        world.socket.send(frame(1, channel="a"))
    else:
        world.socket.send(frame(1))
    prop.on_next("b")
    histories = [[message.data for message in state.messages.all] for state in seen.states]
    assert [1] in histories
    assert seen.all == []


def test_what_waits_when_the_last_subscriber_leaves_is_delivered_nowhere_and_breaks_nothing() -> (
    None
):
    """Case 44."""
    world, seen = opened(buffer_interval=5)
    world.socket.send(frame(1))
    seen.leave()
    world.wait(60)
    assert world.live == []


def test_an_interval_that_becomes_zero_delivers_at_once() -> None:
    """Case 45."""
    interval = BehaviorSubject(5.0)
    world, seen = opened(buffer_interval=interval)
    world.socket.send(frame(1), frame(2))
    interval.on_next(0)
    assert seen.delta == [1, 2]
    world.socket.send(frame(3))
    assert seen.delta == [3]


def test_an_interval_that_changes_keeps_what_waits_until_the_new_tick() -> None:
    """Case 45."""
    interval: BehaviorSubject[Any] = BehaviorSubject(5)
    world, seen = opened(buffer_interval=interval)
    world.socket.send(frame(1))
    interval.on_next(timedelta(seconds=2))
    assert seen.all == []
    world.wait(2)
    assert seen.all == [1]


@pytest.mark.parametrize("interval", [-1, -0.001, timedelta(seconds=-1), float("nan"), "1", None])
def test_an_interval_that_is_none_is_refused(interval: Any) -> None:
    """Case 45. Better: the hook swallows messages."""
    with pytest.raises(rxr.OptionError):
        World().realtime(buffer_interval=interval)


@pytest.mark.parametrize(
    ("limit", "kept"),
    [(3, [7, 8, 9]), (1, [9]), (0, []), (None, list(range(10))), (100, [*range(10)])],
)
def test_the_history_keeps_the_last_messages_up_to_its_limit(
    limit: int | None, kept: list[int]
) -> None:
    """Case 46."""
    world, seen = opened(history_limit=limit)
    world.socket.send(*map(frame, range(10)))
    assert seen.all == kept
    assert seen.delta == [9]
    assert seen.now.messages.last is not None
    assert seen.now.messages.last.data == seen.now.messages.by_topic["status"].data == 9


def test_a_negative_history_limit_is_refused() -> None:
    """Case 46."""
    with pytest.raises(rxr.OptionError):
        World().realtime(history_limit=-1)


def test_a_lower_history_limit_trims_at_once() -> None:
    """Case 47. Better: the hook waits for the next message."""
    limit: BehaviorSubject[int | None] = BehaviorSubject(None)
    world, seen = opened(history_limit=limit)
    world.socket.send(*map(frame, range(10)))
    limit.on_next(2)
    assert seen.all == [8, 9]
    limit.on_next(5)
    world.socket.send(frame(10), frame(11))
    assert seen.all == [8, 9, 10, 11]


def test_reset_clears_everything_that_is_known_and_keeps_the_connection() -> None:
    """Case 48."""
    world, seen = opened(auto_close_on_terminal=False, buffer_interval=5)
    world.socket.send(frame(1), run_frame(status="completed", result=1), frame(2))
    seen.rt.reset()
    now = seen.now
    assert (seen.all, seen.delta, now.messages.last, len(now.messages.by_topic)) == (
        [],
        [],
        None,
        0,
    )
    assert (now.result, now.error, now.run_status) == (None, None, "unknown")
    assert now.connection_status == "open"
    assert len(world.live) == len(world.sockets) == 1
    world.wait(10)
    assert seen.all == []
    world.socket.send(frame(3))
    world.wait(5)
    assert seen.all == [3]


def test_reset_keeps_the_history_limit() -> None:
    """Case 48."""
    world, seen = opened(history_limit=2)
    seen.rt.reset()
    world.socket.send(*map(frame, range(5)))
    assert seen.all == [3, 4]


def test_reset_after_the_end_of_the_run_starts_again_for_who_holds_it_open() -> None:
    """Case 48. Better: the hook stays dead."""
    world = World()
    rt = world.realtime().rt
    with rt:
        world.socket.open().send(frame(1), run_frame(status="completed"))
        assert rt.current.connection_status == "closed"
        rt.reset()
        world.wait()
        assert rt.current.connection_status == "connecting"
        world.socket.open()
        assert rt.current.run_status == "unknown"
        assert len(rt.current.messages.all) == 0
    assert len(world.sockets) == 2
    assert world.live == []


def test_reset_after_the_end_of_the_run_starts_again_with_the_next_subscriber() -> None:
    """Case 48."""
    world, seen = opened()
    world.socket.send(run_frame(status="completed"))
    late: list[Any] = []
    seen.rt.run_status.subscribe(late.append)
    assert late == ["completed"]
    seen.rt.reset()
    seen.rt.run_status.subscribe(late.append)
    world.wait()
    assert len(world.sockets) == 2
    assert late == ["completed", "unknown"]


def test_reset_after_the_end_starts_again_at_once_where_the_channel_may_still_change() -> None:
    """Case 48."""
    channel = BehaviorSubject("pipeline:1")
    world, seen = opened(channel=channel)
    world.socket.send(run_frame(status="completed"))
    assert not seen.is_over
    seen.rt.reset()
    world.wait()
    assert seen.now.connection_status == "connecting"
    assert len(world.live) == 1


@pytest.mark.parametrize("status", ["connecting", "error", "closed", "paused"])
def test_reset_in_every_state_keeps_where_the_connection_stands(status: str) -> None:
    """Case 48."""
    enabled = BehaviorSubject(True)
    world = World()
    seen = world.realtime(enabled=enabled)
    match status:
        case "error":
            world.socket.break_off(rxr.ConnectFailed("x"))
        case "closed":
            world.socket.open().break_off()
        case "paused":
            enabled.on_next(False)
        case _:
            pass
    assert seen.now.connection_status == status
    seen.rt.reset()
    assert seen.now.connection_status == status
    assert seen.now.error is None
    enabled.on_next(True)
    world.wait(5)
    world.socket.open().send(frame(1))
    assert seen.all == [1]


@pytest.mark.parametrize(
    ("prop", "first", "second"),
    [
        ("key", "a", "b"),
        ("channel", "pipeline:1", "pipeline:2"),
        ("topics", ["status"], ["status", "tokens"]),
    ],
)
def test_another_key_channel_or_set_of_topics_clears_and_reconnects_exactly_once(
    prop: str, first: Any, second: Any
) -> None:
    """Case 49."""
    value = BehaviorSubject(first)
    world, seen = opened(**{prop: value})
    world.socket.send(frame(1))
    value.on_next(second)
    world.wait(60)
    assert seen.all == []
    assert seen.now.run_status == "unknown"
    assert len(seen.of(Reset)) == 1
    assert len(world.sockets) == 2
    assert len(world.live) == 1


def test_the_same_topics_in_another_order_are_the_same_topics() -> None:
    """Case 49. Better: the hook reconnects."""
    topics = BehaviorSubject(TOPICS)
    world, seen = opened(topics=topics)
    world.socket.send(frame(1))
    topics.on_next(TOPICS[::-1])
    world.wait(60)
    assert len(world.sockets) == 1
    assert seen.all == [1]


def test_another_token_reconnects_and_forgets_nothing() -> None:
    """Case 49."""
    token = BehaviorSubject("one")
    world, seen = opened(token=token)
    world.socket.send(frame(1))
    token.on_next("one")
    assert len(world.sockets) == 1
    token.on_next("two")
    world.wait()
    assert world.socket.request.token is not None
    assert world.socket.request.token.get_secret_value() == "two"
    assert len(world.live) == 1
    assert seen.all == [1]


def test_other_waits_buffers_and_limits_never_drop_a_healthy_connection() -> None:
    """Case 50. Better: the hook reconnects."""
    waits: list[list[float]] = [[1, 1]]
    interval, limit = BehaviorSubject(0.0), BehaviorSubject(100)
    world, seen = opened(wait=lambda: waits[-1], buffer_interval=interval, history_limit=limit)
    waits.append([7, 7])
    interval.on_next(3)
    limit.on_next(5)
    world.wait(60)
    assert len(world.sockets) == 1
    assert seen.now.connection_status == "open"
    world.socket.break_off()
    world.wait(6.9)
    assert len(world.sockets) == 1
    world.wait(0.2)
    assert len(world.sockets) == 2


def test_disabled_is_paused_without_a_socket_and_enabled_again_keeps_the_history() -> None:
    """Case 51."""
    enabled = BehaviorSubject(False)
    world = World()
    seen = world.realtime(enabled=enabled)
    assert (world.asked, world.sockets) == (0, [])
    assert (seen.now.connection_status, seen.now.pause_reason) == ("paused", "disabled")
    enabled.on_next(True)
    world.wait()
    world.socket.open().send(frame(1))
    enabled.on_next(False)
    assert world.live == []
    assert seen.now.is_paused
    enabled.on_next(True)
    world.wait()
    world.socket.open()
    assert seen.all == [1]
    assert seen.now.pause_reason is None
    assert [gap.reason for gap in seen.of(Gap)] == ["paused"]


def test_hidden_is_paused_and_disabled_wins_over_hidden() -> None:
    """Case 52."""
    enabled, visible = BehaviorSubject(True), BehaviorSubject(False)
    world = World()
    seen = world.realtime(enabled=enabled, visible=visible)
    assert (seen.now.connection_status, seen.now.pause_reason) == ("paused", "hidden")
    enabled.on_next(False)
    assert seen.now.pause_reason == "disabled"
    visible.on_next(True)
    assert seen.now.pause_reason == "disabled"
    enabled.on_next(True)
    world.wait()
    assert seen.now.connection_status == "connecting"
    assert len(world.sockets) == 1


def test_whether_hiding_counts_is_asked_of_what_is_visible_now() -> None:
    """Case 52. Better: the hook may remember what was visible when it mounted."""
    visible, counts = BehaviorSubject(True), BehaviorSubject(False)
    world, seen = opened(visible=visible, pause_on_hidden=counts)
    visible.on_next(False)
    assert seen.now.connection_status == "open"
    counts.on_next(True)
    assert seen.now.pause_reason == "hidden"
    counts.on_next(False)
    world.wait()
    assert seen.now.connection_status == "connecting"


def test_an_error_is_forgotten_when_the_connection_opens_and_remembered_through_a_pause() -> None:
    """Case 53."""
    enabled = BehaviorSubject(True)
    world = World()
    seen = world.realtime(enabled=enabled)
    world.socket.break_off(rxr.ConnectFailed("x"))
    enabled.on_next(False)
    assert isinstance(seen.now.error, rxr.ConnectFailed)
    enabled.on_next(True)
    world.wait()
    assert isinstance(seen.now.error, rxr.ConnectFailed)
    world.socket.open()
    assert seen.now.error is None


def test_no_channel_yet_is_idle_even_while_disabled_and_a_channel_connects() -> None:
    channel: BehaviorSubject[str | None] = BehaviorSubject(None)
    world = World()
    seen = world.realtime(channel=channel, enabled=True)
    assert seen.now.connection_status == "idle"
    assert (world.asked, world.sockets) == (0, [])
    channel.on_next("pipeline:1")
    world.wait()
    world.socket.open().send(frame(1))
    assert seen.all == [1]
    channel.on_next(None)
    assert seen.now.connection_status == "idle"
    assert (seen.all, world.live) == ([], [])


def test_no_channel_and_disabled_is_idle_too() -> None:
    seen = World().realtime(channel=BehaviorSubject(None), enabled=False)
    assert (seen.now.connection_status, seen.now.pause_reason) == ("idle", None)
