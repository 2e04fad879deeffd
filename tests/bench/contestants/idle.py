"""Many connections on which nothing comes: how much memory each keeps, and what they cost."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import AsyncExitStack
from typing import Any

from reactivex.abc import DisposableBase

import rx_realtime as rxr
from rx_realtime.models import ConnectionStatus, RealtimeState
from tests.bench.contestants.bare import connect
from tests.bench.contestants.course import Course, run
from tests.bench.contestants.meter import memory
from tests.bench.contestants.ours import listening
from tests.bench.sender.orders import Order

#: So many connect at a time, so that what connecting needs for a moment stays small.
AT_ONCE = 20


async def idle(course: Course) -> dict[str, Any]:
    """Open connections, `Realtime`s or bare ones, and count the memory that each has added."""
    async with AsyncExitStack() as stack:
        await _open(course, stack, AT_ONCE)  # brings what the first ones need
        base = _settled()
        for begin in range(0, course.size, AT_ONCE):
            await _open(course, stack, min(AT_ONCE, course.size - begin))
        grown = _settled() - base
        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.sleep(course.options.get("seconds", 0))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "received": course.size,
        "count": course.size,
        "each": grown / course.size,
        "base": base,
        "wall": wall,
        "cpu": cpu,
    }


async def _open(course: Course, stack: AsyncExitStack, count: int) -> None:
    if course.options.get("bare"):
        opened = await asyncio.gather(*(connect(course, Order()) for _ in range(count)))
        stack.push_async_callback(_close, opened)
    else:
        # One that looks at all of them: what each needed for this would not be theirs.
        looked = asyncio.Semaphore(0)

        def look(state: RealtimeState[Any]) -> None:
            if state.connection_status is ConnectionStatus.OPEN:
                looked.release()

        options = {
            **listening(course, Order()),
            "buffer_interval": course.options.get("buffer", 0.0),
        }
        many = [rxr.inngest.realtime(**options) for _ in range(count)]
        stack.callback(_leave, [rt.state.subscribe(look) for rt in many])
        for _ in range(count):
            await looked.acquire()


async def _close(opened: list[Any]) -> None:
    for each in opened:
        await each.close()


def _leave(subscriptions: list[DisposableBase]) -> None:
    for each in subscriptions:
        each.dispose()


def _settled() -> int:
    gc.collect()
    return memory()


if __name__ == "__main__":
    run(idle)
