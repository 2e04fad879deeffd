"""Reading in portions: no more at once than the event loop should wait for."""

from __future__ import annotations

import asyncio
from typing import Final

__all__ = ["Portions"]

_PORTION: Final = 256 * 1024  # what asyncio itself reads for protocols that bring no buffer


class Portions(asyncio.BufferedProtocol):
    """Stands before a protocol that brings a buffer, and lets only a portion of it be filled.

    picows doubles its buffer whenever it was full, keeps it, and goes through all of it in one
    turn of the event loop: one flood would make others wait, and take megabytes for good.

    Args:
        protocol: is told everything.
    """

    __slots__ = ("_protocol",)

    def __init__(self, protocol: asyncio.BufferedProtocol) -> None:
        self._protocol = protocol

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where to read to."""
        return memoryview(self._protocol.get_buffer(sizehint))[:_PORTION]

    def buffer_updated(self, nbytes: int) -> None:
        """Say how much was read."""
        self._protocol.buffer_updated(nbytes)

    def eof_received(self) -> bool | None:
        """Say that nothing more will come."""
        return self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Say that it is over."""
        self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        """Say that enough waits to be written."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Say that there is room again."""
        self._protocol.resume_writing()
