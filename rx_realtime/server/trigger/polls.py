"""Which live polls are held now."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from ..bell import Bell

__all__ = ["Polls"]


class Polls:
    """Counts live polls, and lets others wait for a count."""

    def __init__(self) -> None:
        self.count = 0
        self._moved = Bell()

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
        await self._moved.until(lambda: self.count == count)

    def _move(self, by: int) -> None:
        self.count += by
        self._moved.ring()
