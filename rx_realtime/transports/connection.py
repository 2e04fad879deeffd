"""A websocket connection whose frames cost less than the library's, and which ends when it must."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.frames import Frame, Opcode

__all__ = ["Connection"]

_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
_TURN = 256  # messages in a row
_MANY = 256  # messages that wait: the server is read no further


class Connection(ClientConnection):
    """The library's connection, with a shorter way for messages: `messages` instead of `recv`.

    It reads and checks all that comes; then each frame would go through an asynchronous queue,
    from which messages are put together. Here it goes onto a list of messages, and who waits is
    woken once for all that came at once.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._messages: deque[bytes] = deque()
        self._begun = bytearray()  # what there is of a message that comes in several frames
        self._waiter: asyncio.Future[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None

    async def messages(self) -> list[bytes]:
        """Wait for messages, and take those that are there; only so many in one turn.

        Raises:
            ConnectionClosed: when there are none left and will be none.
        """
        if self._messages:
            await asyncio.sleep(0)  # readers and other connections have their turn
        while not self._messages:
            if self.connection_lost_waiter.done():
                await self.recv()  # raises: it knows why
            self.transport.resume_reading()
            self._waiter = self.loop.create_future()
            await self._waiter
        return [self._messages.popleft() for _ in range(min(len(self._messages), _TURN))]

    def process_event(self, event: Any) -> None:
        """Take in what came: a piece of a message here, and all else where it always goes."""
        if isinstance(event, Frame) and event.opcode in _DATA:
            self._take(event)
        else:
            super().process_event(event)

    def _take(self, frame: Frame) -> None:
        if frame.fin and frame.opcode is not Opcode.CONT:
            self._messages.append(bytes(frame.data))
            return
        self._begun += frame.data
        if frame.fin:
            self._messages.append(bytes(self._begun))
            self._begun.clear()

    def data_received(self, data: bytes) -> None:
        """Take in some bytes, and see to it that a closing handshake takes the close timeout.

        The library itself waits for the peer, who need not answer, until the next ping is due.
        """
        super().data_received(data)
        if self._messages:
            self._wake()
            if len(self._messages) > _MANY:
                self.transport.pause_reading()
        if self._deadline is None and self.protocol.close_expected():
            self._deadline = self.loop.call_later(self.close_timeout or 0, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake who waits, for the last time."""
        super().connection_lost(exc)
        self._wake()
        if self._deadline is not None:
            self._deadline.cancel()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
