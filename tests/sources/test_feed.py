"""A feed is at home in Rx, in coroutines, in threads and in scripts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
import reactivex as rx
from reactivex import Observable, Observer, abc
from reactivex import operators as ops
from reactivex.disposable import Disposable
from reactivex.scheduler import VirtualTimeScheduler

from rx_realtime.errors import OptionError, Unfinished
from rx_realtime.operators import chained
from rx_realtime.sources.feed import Feed
from rx_realtime.transports import background_loop, from_task, loop_here


def where() -> Observable[threading.Thread]:
    """Say in which thread the subscription is carried, then wait until it is left."""

    async def run(deliver: Callable[[threading.Thread], None]) -> None:
        deliver(threading.current_thread())
        await asyncio.Event().wait()

    return from_task(run)


async def test_it_is_an_observable_carried_by_the_running_loop():
    seen = list[Any]()
    with Feed(where()).subscribe(seen.append):
        await asyncio.sleep(0)
    assert seen == [threading.current_thread()]


def test_without_a_loop_it_is_carried_by_one_in_the_background():
    seen, came = list[threading.Thread](), threading.Event()

    def see(thread: threading.Thread) -> None:
        seen.append(thread)
        came.set()

    with Feed(where()).subscribe(see):
        assert came.wait(5)
    assert seen[0].name == "rx_realtime"
    assert seen[0].daemon


def test_there_is_one_background_loop_whoever_asks_first():
    loops = list[asyncio.AbstractEventLoop]()
    threads = [threading.Thread(target=lambda: loops.append(background_loop())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(loops)) == 1
    assert [each.name for each in threading.enumerate()].count("rx_realtime") == 1


def test_what_cannot_be_subscribed_is_an_error_in_the_background_too():
    def fail(_: object) -> Observable[int]:
        raise ValueError("no")

    def refuse(observer: abc.ObserverBase[int], scheduler: Any = None) -> abc.DisposableBase:
        raise ValueError("no")

    for source in (rx.defer(fail), rx.create(refuse)):
        with pytest.raises(ValueError, match="no"):
            Feed(source).run(timeout=5)


async def test_its_home_is_the_loop_that_carries_it():
    seen, came, home = list[threading.Thread](), asyncio.Event(), background_loop()
    loop = asyncio.get_running_loop()

    def see(thread: threading.Thread) -> None:
        seen.append(thread)
        loop.call_soon_threadsafe(came.set)

    with Feed(where(), home=lambda: home).subscribe(see):
        await came.wait()
    assert seen[0].name == "rx_realtime"


async def test_a_reader_in_another_loop_than_its_home_is_woken():
    home = background_loop()
    feed = Feed(where(), home=lambda: home)
    async for thread in feed:
        assert thread.name == "rx_realtime"
        break
    assert (await Feed(where().pipe(ops.take(1)), home=lambda: home)).name == "rx_realtime"


async def test_leaving_before_the_other_loop_has_begun_begins_nothing_that_stays():
    stopped = threading.Event()
    background_loop().call_soon_threadsafe(stopped.wait, 5)
    subscription = Feed(where(), home=background_loop).subscribe()
    subscription.dispose()
    stopped.set()


async def test_virtual_time_takes_the_loops_place():
    clock = VirtualTimeScheduler()
    seen = list[int]()
    Feed(rx.timer(60)).subscribe(seen.append, scheduler=clock)
    Feed(rx.timer(60), scheduler=clock).subscribe(seen.append)
    clock.advance_by(59)
    assert seen == []
    clock.advance_by(2)
    assert seen == [0, 0]


async def test_in_a_pipe_its_scheduler_is_the_loops():
    assert await Feed(rx.timer(0.001)).pipe(ops.map(lambda _: threading.current_thread())) == (
        threading.current_thread()
    )


# ── await ─────────────────────────────────────────────────────────────────────────────────────


async def test_awaiting_it_gives_its_last_value():
    assert await Feed(rx.of(1, 2, 3)) == 3
    assert await Feed(rx.range(10_000)) == 9999


async def test_awaiting_it_raises_its_error_after_whatever_values():
    with pytest.raises(ValueError, match="no"):
        await Feed(rx.concat(rx.of(1), rx.throw(ValueError("no"))))


async def test_awaiting_what_ends_without_a_value_is_unfinished():
    with pytest.raises(Unfinished, match="without a value"):
        await Feed(rx.empty())


async def test_a_timeout_around_it_leaves():
    left = asyncio.Event()
    feed: Feed[int] = Feed(rx.create(lambda *_: Disposable(left.set)))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await feed
    assert left.is_set()


async def test_it_can_be_awaited_by_several_at_once():
    feed = Feed(rx.timer(0.001))
    assert list(await asyncio.gather(feed, feed)) == [0, 0]


@pytest.mark.parametrize("moment", range(8))
async def test_cancelling_at_any_await_leaves_nothing(moment: int):
    """Fault 50."""
    came = left = 0

    async def trickle(deliver: Callable[[int], None]) -> None:
        nonlocal came, left
        came += 1
        try:
            for number in range(3):
                deliver(number)
                await asyncio.sleep(0)
            await asyncio.Event().wait()
        finally:
            left += 1

    async def read() -> None:
        async for _ in Feed(from_task(trickle)):
            await asyncio.sleep(0)

    reader = asyncio.create_task(read())
    for _ in range(moment):
        await asyncio.sleep(0)
    reader.cancel()
    await asyncio.wait([reader])
    assert reader.cancelled()
    del reader
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert came == left


async def test_it_is_carried_where_it_is_used():
    assert loop_here() is asyncio.get_running_loop()


async def test_in_a_running_loop_blocking_is_refused():
    """Fault 52."""
    for block in (Feed(rx.of(1)).run, lambda: next(Feed(rx.of(1)).blocking())):
        with pytest.raises(OptionError, match="await it instead"):
            block()


# ── the guard ─────────────────────────────────────────────────────────────────────────────────


class Rude:
    """A source that goes on when it is left, and after its end."""

    def __init__(self) -> None:
        self.tell: abc.ObserverBase[int] = Observer()
        self.left = 0
        self.feed = Feed(chained(self._subscribe), scheduler=VirtualTimeScheduler())

    def _subscribe(
        self, observer: abc.ObserverBase[int], _: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        self.tell = observer

        def leave() -> None:
            self.left += 1

        return Disposable(leave)


def test_who_has_left_is_told_nothing_by_a_source_that_goes_on():
    source, told = Rude(), list[object]()
    subscription = source.feed.subscribe(told.append, told.append, lambda: told.append("end"))
    source.tell.on_next(1)
    subscription.dispose()
    source.tell.on_next(2)
    source.tell.on_error(ValueError())
    source.tell.on_completed()
    assert (told, source.left) == ([1], 1)


def test_the_end_is_told_once_and_leaves_the_source():
    source, told = Rude(), list[object]()
    source.feed.subscribe(Observer(told.append, told.append, lambda: told.append("end")))
    source.tell.on_completed()
    source.tell.on_next(1)
    source.tell.on_error(ValueError())
    assert (told, source.left) == (["end"], 1)


def test_an_error_that_nobody_takes_is_raised_where_it_is_told():
    source = Rude()
    source.feed.subscribe()
    source.tell.on_next(1)
    with pytest.raises(ValueError, match="no"):
        source.tell.on_error(ValueError("no"))


def test_what_fails_while_it_is_subscribed_to_is_told_so():
    def fail(observer: abc.ObserverBase[int], _: object = None) -> abc.DisposableBase:
        observer.on_next(1)
        raise ValueError("no")

    told = list[object]()
    feed = Feed(chained(fail), scheduler=VirtualTimeScheduler())
    feed.subscribe(told.append, lambda error: told.append(str(error)))
    assert told == [1, "no"]


def test_what_fails_while_it_is_subscribed_to_by_who_has_left_is_raised():
    def fail(observer: abc.ObserverBase[int], _: object = None) -> abc.DisposableBase:
        observer.on_completed()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Feed(chained(fail), scheduler=VirtualTimeScheduler()).subscribe()


def test_whatever_looks_like_an_observer_is_one():
    class Told:
        def __init__(self) -> None:
            self.all = list[object]()
            self.on_next = self.on_error = self.all.append

        def on_completed(self) -> None:
            self.all.append("end")

    source, told = Rude(), Told()
    observer: Any = told
    source.feed.subscribe(observer)
    source.tell.on_next(1)
    source.tell.on_completed()
    assert told.all == [1, "end"]
