"""A subscription is a task, and a task belongs to its loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from reactivex import Observer

from rx_realtime.errors import Unfinished
from rx_realtime.transports import from_task
from rx_realtime.transports.task import Deliver
from tests.watching import Watch


async def one_two(deliver: Callable[[int], None]) -> None:
    deliver(1)
    await asyncio.sleep(0)
    deliver(2)


async def test_what_it_delivers_comes_and_its_return_completes():
    async with Watch(from_task(one_two)) as watch:
        await watch.until_count(2)
        await watch.until(lambda: watch.has_ended)


async def test_of_several_values_in_a_row_none_comes_after_it_was_left():
    async def three(deliver: Deliver[int]) -> None:
        deliver(1, 2, 3)

    taken = list[int]()
    done = asyncio.Event()

    def take(value: int) -> None:
        taken.append(value)
        if value == 2:
            subscription.dispose()
            done.set()

    subscription = from_task(three).subscribe(Observer(take))  # which has no guard of its own
    await done.wait()
    await asyncio.sleep(0)
    assert taken == [1, 2]


async def test_what_it_raises_is_the_error():
    async def fail(_: object) -> None:
        raise ValueError("no")

    async with Watch(from_task(fail)) as watch:
        assert str(await watch.error()) == "no"


async def test_each_subscription_runs_it_anew():
    source = from_task(one_two)
    async with Watch(source) as first, Watch(source) as second:
        assert await first.until_count(2) == await second.until_count(2) == [1, 2]


async def test_leaving_cancels_it_and_gives_it_time_to_close():
    closed = asyncio.Event()

    async def work(_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            closed.set()

    async with Watch(from_task(work)) as watch:
        await asyncio.sleep(0)
    await closed.wait()
    assert not watch.has_ended


async def test_leaving_before_it_began_is_silent():
    async with Watch(from_task(one_two)) as watch:
        pass
    await asyncio.sleep(0)
    assert watch.values == []


async def test_leaving_from_another_thread_wakes_the_loop():
    async def work(_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            closed.set()

    closed = asyncio.Event()
    async with Watch(from_task(work)) as watch:
        await asyncio.sleep(0)
        thread = threading.Thread(target=watch.leave)
        thread.start()
        await closed.wait()
        thread.join()


async def test_a_cancellation_that_is_nobodys_wish_is_an_error_and_no_silence():
    async def work(_: object) -> None:
        cancelled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        cancelled.cancel()
        await cancelled

    async with Watch(from_task(work)) as watch:
        assert isinstance(await watch.error(), Unfinished)


def test_leaving_after_the_loop_was_closed_is_silent():
    async def main() -> Watch:
        return await Watch(from_task(one_two)).__aenter__()

    asyncio.run(main()).leave()


def test_it_needs_a_loop():
    with pytest.raises(RuntimeError, match="no running event loop"):
        from_task(one_two).subscribe()
