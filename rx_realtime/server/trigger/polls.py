"""Which live polls are held now."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["Polls"]


class Polls:
    """Counts live polls, and lets others wait for a count."""

    def __init__(self) -> None:
        self.count = 0
        self._changed: set[asyncio.Event] = set()

    @contextmanager
    def held(self) -> Generator[None]:
        """Count one more while the block runs."""
        self._move(1)
        try:
            yield
        finally:
            self._move(-1)

    async def until(self, count: int) -> None:
        """Wait until exactly so many are held."""
        changed = asyncio.Event()
        self._changed.add(changed)
        try:
            while self.count != count:
                changed.clear()
                await changed.wait()
        finally:
            self._changed.discard(changed)

    def _move(self, by: int) -> None:
        self.count += by
        for event in self._changed:
            event.set()
