"""What each contestant measures: when how much had come, and what it cost."""

from __future__ import annotations

import asyncio
import resource
import statistics
import time
from pathlib import Path
from typing import Any, Final

from tests.bench.sender.orders import EPOCH

__all__ = ["Meter", "memory"]

LAPS: Final = 10


class Meter:
    """Counts messages, and reads the clocks only ten times while it does.

    Args:
        size: how many messages are to come.
        warm: the share of them that comes before the first reading.
    """

    def __init__(self, size: int, warm: float = 0.1) -> None:
        self.seen = 0
        self.last: int | None = None
        self.done = asyncio.Event()
        self._error: Exception | None = None
        self._late: list[int] = []
        self._memory = 0
        self._laps: list[tuple[int, float, float]] = []
        begin = int(size * warm)
        self._marks = [begin + (size - begin) * lap // LAPS for lap in range(LAPS + 1)]
        self._next = self._marks[0]
        if not self._next:
            self._lap()

    def add(self, index: int) -> None:
        """Count a message, and remember its place."""
        self.seen += 1
        if self.seen >= self._next:
            self.last = index
            self._lap()

    def time(self, sent: int) -> None:
        """Note how long ago a message was sent, by what it says itself."""
        self._late.append(time.monotonic_ns() // 1000 - sent + EPOCH)

    def reach(self, seen: int) -> None:
        """Count up to so many messages, whose places nobody looked at."""
        self.seen = max(self.seen, seen)
        while not self.done.is_set() and self.seen >= self._next:
            self._lap()

    def fail(self, error: Exception) -> None:
        """Give up: what was listened to has failed."""
        self._error = error
        self.done.set()

    async def finished(self) -> None:
        """Wait until all has come.

        Raises:
            Exception: why it will not.
        """
        await self.done.wait()
        if self._error is not None:
            raise self._error

    def _lap(self) -> None:
        self._memory = self._memory or memory()
        self._laps.append((self.seen, time.perf_counter(), time.process_time()))
        left = self._marks[len(self._laps) :]
        if left:
            self._next = left[0]
        else:
            self.done.set()

    def result(self) -> dict[str, Any]:
        """Return what was measured.

        Returns:
            `count` messages after the warm-up took `wall` and `cpu` seconds; `received` counts
            all, and `last` is the place of the last. `laps` are the readings of the clocks,
            `memory` and `memory_before` bytes at the end and after the warm-up, and `p50` and
            `p99` microseconds from sending to delivery, where these were asked for.
        """
        (begin, wall, cpu), (end, wall_, cpu_) = self._laps[0], self._laps[-1]
        late = statistics.quantiles(self._late, n=100) if len(self._late) > 1 else None
        return {
            "received": self.seen,
            "last": self.last,
            "count": end - begin,
            "wall": wall_ - wall,
            "cpu": cpu_ - cpu,
            "laps": self._laps,
            "memory": memory(),
            "memory_before": self._memory,
            **({} if late is None else {"p50": late[49], "p99": late[98]}),
        }


def memory() -> int:
    """Return how many bytes of memory this process has now; at most so far, where that is all."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except FileNotFoundError:  # no Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize()
