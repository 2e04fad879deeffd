"""The server's clock: the world's, or a scheduler's, which may be a virtual one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

from reactivex import abc

from .racing import first_of

__all__ = ["Clock"]


class Clock:
    """Says what time it is, and waits no longer than it is told to.

    Args:
        scheduler: whose time it is. A virtual one passes only when a test lets it.
    """

    def __init__(self, scheduler: abc.SchedulerBase | None = None) -> None:
        self._scheduler = scheduler
        # From here on it never jumps, whatever is done to the machine's clock.
        self._began_at = time.time() - time.monotonic()

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        if self._scheduler is None:
            return self._began_at + time.monotonic()
        return self._scheduler.now.timestamp()

    async def wait(self, waiting: Coroutine[Any, Any, None], seconds: float) -> bool:
        """Wait for something, for so many seconds at most; say whether it came."""
        if self._scheduler is None:
            try:
                async with asyncio.timeout(seconds):
                    await waiting
            except TimeoutError:
                return False
            return True
        due = asyncio.Event()

        def set_due(*_: Any) -> None:
            due.set()

        # Before anything is awaited: who is known to wait is known to have its timer running.
        timer = self._scheduler.schedule_relative(seconds, set_due)
        try:
            return await first_of(_came(waiting), _is_due(due))
        finally:
            timer.dispose()


async def _came(waiting: Coroutine[Any, Any, None]) -> bool:
    await waiting
    return True


async def _is_due(due: asyncio.Event) -> bool:
    await due.wait()
    return False
