"""One connection of a stream's reader or writer, as a test sees it and may break it."""

from __future__ import annotations

import asyncio
from typing import Literal

from ..bell import Bell

__all__ = ["StreamBody"]


class StreamBody:
    """A body that is being sent or received.

    Attributes:
        direction: whether somebody reads, or writes.
        left: after how many bytes of an answer, or lines of a request, it breaks off; None is
            never.
        position: the number of the record that is said next.
        is_waiting: whether everything was said that there is.
        is_stalled: whether nothing more is said or read.
        is_unanswered: whether a writer is not told that its lines are stored.
        injected: what is to be said besides the records.
        bell: wakes whoever waits for something to say.
    """

    def __init__(self, direction: Literal["read", "write"], bell: Bell) -> None:
        self.direction = direction
        self.left: int | None = None
        self.position = 0
        self.is_waiting = False
        self.is_stalled = False
        self.is_unanswered = False
        self.injected: list[bytes] = []
        self.bell = bell
        self._cut = asyncio.Event()

    def cut_off(self) -> None:
        """Break the connection off now."""
        self._cut.set()

    async def until_cut_off(self) -> None:
        """Wait until it breaks off."""
        await self._cut.wait()
