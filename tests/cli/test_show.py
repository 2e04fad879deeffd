from __future__ import annotations

from typing import Any

import pytest
import reactivex as rx
from reactivex import Observable
from reactivex.testing import ReactiveTest, TestScheduler

from rx_realtime import Realtime
from rx_realtime.cli.seen import Seen
from rx_realtime.cli.show import frames
from rx_realtime.cli.view import View
from rx_realtime.errors import ConnectionLost
from rx_realtime.models import Message, RealtimeState, Update
from rx_realtime.models.update import Opened, Received

on_next, on_error, on_completed = (
    ReactiveTest.on_next,
    ReactiveTest.on_error,
    ReactiveTest.on_completed,
)
NOTHING: RealtimeState[Any] = RealtimeState()
FIRST = View("", "", NOTHING, Seen(), 0.0)


def seen_of(
    scheduler: TestScheduler, *recorded: Any, until: float = 1000
) -> list[tuple[float, Any]]:
    """Play updates, and look at them every ten ticks; return how many were seen when."""
    updates: Observable[Update] = scheduler.create_hot_observable(list(recorded))

    def source(_: Observable[object]) -> Observable[Update]:
        return updates

    rt: Realtime[Any] = Realtime(source, scheduler=scheduler)
    looks = scheduler.start(lambda: frames(rt, FIRST, every=10), disposed=until)
    return [(each.time, _looked(each.value)) for each in looks.messages]


def _looked(told: Any) -> Any:
    return told.value if told.kind == "N" else told.kind


def received(number: int) -> Received:
    return Received(Message("c", "t", number))


def test_however_many_messages_come_the_screen_is_drawn_at_its_own_pace():
    scheduler = TestScheduler()
    flood = [on_next(201 + number // 100, received(number)) for number in range(2000)]
    looks = seen_of(scheduler, *flood, until=221)
    assert [time for time, _ in looks] == [210, 220]
    assert looks[-1][1].seen.count > 1800


def test_time_passes_on_the_screen_even_when_nothing_comes():
    looks = seen_of(TestScheduler(), on_next(205, Opened()), until=231)
    assert [view.now for _, view in looks] == [10, 20, 30]


def test_the_last_look_is_at_the_end_and_misses_nothing():
    played = [on_next(205, Opened()), on_next(213, received(1)), on_completed(214)]
    looks = seen_of(TestScheduler(), *played)
    assert [time for time, _ in looks] == [210, 214, 214]
    assert looks[1][1].seen.count == 1
    assert looks[-1][1] == "C"


def test_the_last_look_before_an_error_misses_nothing():
    played = [on_next(213, received(1)), on_error(214, ConnectionLost(1006))]
    looks = seen_of(TestScheduler(), *played)
    assert looks[-2][1].seen.count == 1
    assert looks[-1] == (214, "E")


def test_when_the_viewer_leaves_nothing_stays_subscribed():
    scheduler = TestScheduler()
    updates: Any = scheduler.create_hot_observable([on_next(205, Opened())])
    rt: Realtime[Any] = Realtime(lambda _: updates, scheduler=scheduler)
    scheduler.start(lambda: frames(rt, FIRST, every=10), disposed=250)
    assert [each.unsubscribe for each in updates.subscriptions] == [250]


@pytest.mark.parametrize("count", [0, 1])
def test_an_end_without_updates_is_an_end(count: int):
    rt: Realtime[Any] = Realtime(lambda _: rx.from_iterable([Opened()] * count))
    views: list[View] = []
    ended: list[bool] = []
    scheduler = TestScheduler()
    frames(rt, FIRST).subscribe(
        views.append, on_completed=lambda: ended.append(True), scheduler=scheduler
    )
    scheduler.advance_to(1)
    assert ended == [True]
    assert len(views) == 1
