"""What came and was not taken yet: from a socket's callbacks to whoever waits for messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from ..errors import RealtimeError

__all__ = ["Inbox"]

_TURN: Final = 256  # messages in a row
_MANY: Final = 256  # messages that wait: the server is read no further


class Inbox:
    """Messages in order: `append` them, and `wake` who waits once for all that came at once.

    Args:
        transport: is read no further while too much waits.
        why: makes the error that says why nothing more will come.
    """

    __slots__ = (
        "_has_ended",
        "_is_dropping",
        "_messages",
        "_transport",
        "_waiter",
        "_why",
        "append",
    )

    def __init__(self, transport: asyncio.ReadTransport, why: Callable[[], RealtimeError]) -> None:
        self._transport = transport
        self._why = why
        self._messages = list[bytes]()  # an empty one is small, which a deque is not
        self.append = self._messages.append
        self._waiter: asyncio.Future[None] | None = None
        self._is_dropping = False
        self._has_ended = False

    def wake(self) -> None:
        """Say that this is all for now."""
        if self._is_dropping:
            self._messages.clear()
        if self._messages or self._has_ended:
            waiter, self._waiter = self._waiter, None
            if waiter is not None and not waiter.done():
                waiter.set_result(None)
        if len(self._messages) > _MANY:
            self._transport.pause_reading()

    def drop(self) -> None:
        """Forget what came and what will: nobody takes it, but a goodbye may be behind it."""
        self._is_dropping = True
        self._messages.clear()
        self._transport.resume_reading()

    def end(self) -> None:
        """Say that nothing more will come."""
        self._has_ended = True
        self.wake()

    async def take(self) -> list[bytes]:
        """Wait for messages, and take those that are there; only so many in one turn.

        Raises:
            RealtimeError: why there are none left, and will be none.
        """
        if self._messages:
            await asyncio.sleep(0)  # readers and other connections have their turn
        while not self._messages and not self._has_ended:
            self._transport.resume_reading()
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if not self._messages:
            raise self._why()
        taken = self._messages[:_TURN]
        del self._messages[:_TURN]
        return taken
