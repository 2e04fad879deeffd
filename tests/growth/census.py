"""What this process holds, counted: after a thousand cycles it must be what it was before.

Memory is counted in things, not in bytes: one object that each cycle leaves behind is one more a
cycle, however small it is, and the margin is half of that. What is left behind grows in each of
several rounds; what only fills up, such as a cache, does not. Threads are counted the same way:
the event loop keeps some for later, and one that has given its answer may take a while to end.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import FunctionType
from typing import Any

from reactivex.scheduler import VirtualTimeScheduler

__all__ = ["check_growth", "check_growth_in_the_loop"]

ROUNDS = 4
#: Whose objects a client's connection is made of; the server's are those of the last.
CLIENTS = ("httpcore2", "httpx2", "reactivex", "rx_realtime", "websockets")
SERVER = "rx_realtime.server"


@dataclass(frozen=True)
class Census:
    """What there was at one moment.

    Attributes:
        kept: how many there are of what may fill up: threads, and objects by what they are.
    """

    timers: int
    tasks: int
    files: int
    kept: Mapping[str, int]


class Watch:
    """Takes a census before each round, while something is done so many times."""

    def __init__(self, times: int, census: Callable[[], Census]) -> None:
        self._times = times
        self._census = census
        self._taken = list[Census]()

    def look(self, number: int) -> None:
        """Count, if a round begins or ends with this cycle."""
        if number >= 0 and number % (self._times // ROUNDS) == 0:
            gc.collect()
            if sys.version_info < (3, 13):  # matching a class makes a name, which its cache keeps
                sys._clear_type_cache()
            self._taken.append(self._census())

    def check(self) -> None:
        """Fail where something has grown."""
        first, *_, last = self._taken
        for name in ("timers", "tasks", "files"):
            before, after = getattr(first, name), getattr(last, name)
            assert after <= before, f"{after - before} {name} more after {self._times} cycles"
        kept = {kind: self._kept(kind) for kind in last.kept}
        kept = {kind: each for kind, each in kept.items() if min(each) >= 0.5}
        assert not kept, f"kept by each cycle, round by round: {kept}"

    def _kept(self, kind: str) -> list[float]:
        counts = [each.kept.get(kind, 0) for each in self._taken]
        return [(new - old) / (self._times / ROUNDS) for old, new in pairwise(counts)]


def check_growth(
    cycle: Callable[[int], object], times: int, *, clock: VirtualTimeScheduler
) -> None:
    """Fail if something grows while a cycle is repeated under virtual time.

    Args:
        cycle: called with its number. It must let the time pass for which it is remembered.
        times: how often, after a tenth more, or fifty, to warm up.
        clock: whose timers are counted.
    """

    def census() -> Census:
        # What was called off stays in the queue of virtual time until it would have been due.
        queue: Any = clock._queue
        timers = sum(not item.is_cancelled() for item, _ in queue.items)
        kept = {"blocks": sys.getallocatedblocks(), "threads": threading.active_count()}
        return Census(timers, 0, open_files(), kept)

    warm, watch = max(50, times // 10), Watch(times, census)
    for number in range(-warm, times):
        watch.look(number)
        cycle(number + warm)
    watch.look(times)
    watch.check()


async def check_growth_in_the_loop(cycle: Callable[[int], Awaitable[object]], times: int) -> None:
    """As `check_growth`, in the running event loop.

    Its server, which remembers what it was asked, lives in this process, too: so the memory that
    is counted is that of the clients.
    """
    loop: Any = asyncio.get_running_loop()

    def census() -> Census:
        timers = sum(not timer.cancelled() for timer in loop._scheduled)
        tasks = len(asyncio.all_tasks())
        kept = clients() + Counter(threads=threading.active_count())
        return Census(timers, tasks, open_files(), kept)

    watch = Watch(times, census)
    for number in range(-(times // 5), times):
        watch.look(number)
        await cycle(number)
    watch.look(times)
    watch.check()


def open_files() -> int:
    """Count the open files, sockets among them; 0 where the system does not show them."""
    return len(os.listdir("/dev/fd")) if os.path.isdir("/dev/fd") else 0  # noqa: PTH112, PTH208


def clients() -> Counter[str]:
    """Count what connections are made of, by type; functions and their like by where they are."""
    found = Counter[str]()
    for each in gc.get_objects():
        kind = type(each)
        module = str(getattr(each if kind is FunctionType else kind, "__module__", ""))
        if module.partition(".")[0] in CLIENTS and not module.startswith(SERVER):
            found[f"{module}.{kind.__name__}"] += 1
    return found
