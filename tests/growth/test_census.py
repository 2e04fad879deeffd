"""The census finds whatever a cycle leaves behind, and does not take for it what fills up."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from reactivex import Subject
from reactivex.scheduler import VirtualTimeScheduler

from tests.growth.census import check_growth, check_growth_in_the_loop

Leave = Callable[[ExitStack], None]


def a_timer(left: ExitStack) -> None:
    left.callback(asyncio.get_running_loop().call_later(3600, print).cancel)


def a_task(left: ExitStack) -> None:
    left.callback(asyncio.ensure_future(asyncio.Event().wait()).cancel)


def a_file(left: ExitStack) -> None:
    left.callback(os.close, os.open(os.devnull, os.O_RDONLY))


def a_thread(left: ExitStack) -> None:
    end = threading.Event()
    threading.Thread(target=end.wait, daemon=True).start()
    left.callback(end.set)


def an_object(left: ExitStack) -> None:
    left.callback(Subject[object]().dispose)


@pytest.fixture
def left() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize(
    ("leave", "named"),
    [
        (a_timer, "40 timers more"),
        (a_task, "40 tasks more"),
        (a_file, "40 files more"),
        (a_thread, "threads"),
        (an_object, "Subject"),
    ],
)
async def test_what_each_cycle_leaves_behind_is_found(left: ExitStack, leave: Leave, named: str):
    async def cycle(_: int) -> None:
        leave(left)

    with pytest.raises(AssertionError, match=named):
        await check_growth_in_the_loop(cycle, 40)


def test_what_each_cycle_leaves_behind_is_found_under_virtual_time():
    clock, kept = VirtualTimeScheduler(), list[object]()
    with pytest.raises(AssertionError, match="40 timers more"):
        check_growth(lambda _: clock.schedule_relative(1.0, print), 40, clock=clock)
    with pytest.raises(AssertionError, match="blocks"):
        check_growth(lambda _: kept.append(object()), 400, clock=VirtualTimeScheduler())


async def test_a_pool_of_threads_that_fills_up_is_no_growth():
    with ThreadPoolExecutor(6) as pool:
        meet = threading.Barrier(2)

        async def cycle(number: int) -> None:
            """Take two threads at once in some cycle, and one in all others."""
            calls: list[Awaitable[object]] = [asyncio.wrap_future(pool.submit(int))]
            if number == 35:
                calls = [asyncio.wrap_future(pool.submit(meet.wait)) for _ in range(2)]
            await asyncio.gather(*calls)

        await check_growth_in_the_loop(cycle, 40)
