"""What this process holds, counted: after a thousand cycles it must be what it was before.

Memory is counted in blocks, not in bytes: one object that each cycle leaves behind is a block a
cycle, however small it is, and the margin is half of that.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from reactivex.scheduler import VirtualTimeScheduler

__all__ = ["check_growth", "check_growth_in_the_loop"]


#: How often is counted. What each cycle leaves behind grows in each of the rounds, and what only
#: fills up, such as a cache, does not.
ROUNDS = 4


@dataclass(frozen=True)
class Census:
    """What there was at one moment."""

    timers: int
    tasks: int
    files: int
    threads: int
    blocks: int

    @classmethod
    def taken(cls, clock: VirtualTimeScheduler | None) -> Census:
        """Count, once what is only waiting to be collected is gone."""
        gc.collect()
        loop = running_loop()
        return cls(
            timers=timers_of(clock) + (0 if loop is None else timers_in(loop)),
            tasks=0 if loop is None else len(asyncio.all_tasks(loop)),
            files=len(os.listdir("/dev/fd")) if os.path.isdir("/dev/fd") else 0,  # noqa: PTH112, PTH208
            threads=threading.active_count(),
            blocks=sys.getallocatedblocks(),
        )


class Watch:
    """Counts from time to time, while something is done so many times."""

    def __init__(self, times: int, clock: VirtualTimeScheduler | None = None) -> None:
        self.times = times
        self._clock = clock
        self._kinds = kinds()
        self._counted = list[Census]()

    def look(self, number: int) -> None:
        """Count, if it is time for it."""
        if number >= 0 and number % (self.times // ROUNDS) == 0:
            self._counted.append(Census.taken(self._clock))

    def check(self) -> None:
        """Fail where something has grown."""
        first, last = self._counted[0], self._counted[-1]
        grown = {
            name: (getattr(first, name), getattr(last, name))
            for name in ("timers", "tasks", "files", "threads")
            if getattr(first, name) < getattr(last, name)
        }
        assert not grown, f"in {self.times} cycles grew {grown}"
        length = self.times / ROUNDS
        blocks = [(new.blocks - old.blocks) / length for old, new in pairwise(self._counted)]
        more = {kind: n for kind, n in (kinds() - self._kinds).items() if n > self.times / 4}
        assert min(blocks) < 0.5, f"blocks a cycle that are left, by round: {blocks}: {more}"


def kinds() -> Counter[str]:
    return Counter(type(each).__name__ for each in gc.get_objects())


def running_loop() -> Any:
    with suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None


def timers_in(loop: Any) -> int:
    return sum(not timer.cancelled() for timer in loop._scheduled)


def timers_of(clock: Any) -> int:
    """What was called off stays in the queue of virtual time until it would have been due."""
    return 0 if clock is None else sum(not item.is_cancelled() for item in queued(clock))


def queued(clock: Any) -> list[Any]:
    return [entry[0] for entry in clock._queue.items]


def check_growth(
    cycle: Callable[[int], object], times: int, *, clock: VirtualTimeScheduler
) -> None:
    """Fail if something grows while a cycle is repeated under virtual time.

    Args:
        cycle: called with its number. It must let the time pass for which it is remembered.
        times: how often, after a tenth more, or a hundred, to warm up.
        clock: whose timers are counted.
    """
    warm, watch = max(100, times // 10), Watch(times, clock)
    for number in range(-warm, times):
        watch.look(number)
        cycle(number + warm)
    watch.look(times)
    watch.check()


async def check_growth_in_the_loop(cycle: Callable[[int], Awaitable[object]], times: int) -> None:
    """As `check_growth`, in the running event loop, and with a fifth more to warm up."""
    watch = Watch(times)
    for number in range(-(times // 5), times):
        watch.look(number)
        await cycle(number)
    watch.look(times)
    watch.check()
