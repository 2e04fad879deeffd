"""Waking those who wait for something to become true."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Bell"]


class Bell:
    """Rung whenever something has changed; whoever waits looks again."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def ring(self) -> None:
        """Let everybody who waits look again."""
        for event in self._waiting:
            event.set()

    async def until(self, is_true: Callable[[], bool]) -> None:
        """Wait until something is true. It is looked at now, and whenever the bell rings."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            while not is_true():
                event.clear()
                await event.wait()
        finally:
            self._waiting.discard(event)
