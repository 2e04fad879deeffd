"""A bad network on this machine: a TCP proxy that does to connections what networks do."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Self
from urllib.parse import urlsplit, urlunsplit

__all__ = ["FaultProxy", "Line"]

#: What becomes of a line: it falls silent, breaks off (RST), or ends (FIN).
End = Literal["silence", "reset", "end"]

_PIECE: Final = 65_536
_NOW_OR_NEVER: Final = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: closing is a reset


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How bytes travel one way. The default is a good line.

    Attributes:
        delay: seconds that every piece is held back.
        piece: how many bytes travel at once; `Line(piece=1, pause=1)` is a slow loris.
        pause: seconds between two pieces.
        limit: how many more bytes of each connection get through; None for all.
        then: what happens after that.
    """

    delay: float = 0.0
    piece: int = _PIECE
    pause: float = 0.0
    limit: int | None = None
    then: End = "reset"


class FaultProxy:
    """A TCP proxy between a client and a server.

        async with FaultProxy(server.url) as proxy:
            …connect to proxy.url…
            proxy.silence()                     # the cable is cut: a peer that vanished
            proxy.down = Line(limit=100)        # new connections break off after 100 bytes

    Args:
        target: the server's URL. Only its host and port matter.

    Attributes:
        down: the line from the server to the client. It may change while bytes travel.
        up: the line from the client to the server.
        accepted: how many connections there were.
    """

    def __init__(self, target: str) -> None:
        self.down = Line()
        self.up = Line()
        self.accepted = 0
        self._target = urlsplit(target)
        self._port = 0
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._changed = asyncio.Event()

    @property
    def url(self) -> str:
        """The target's URL, by way of the proxy."""
        return urlunsplit(self._target._replace(netloc=f"127.0.0.1:{self._port}"))

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._links)

    async def until_connections(self, count: int) -> None:
        """Wait until exactly so many connections are open."""
        while self.connections != count:
            self._changed.clear()
            await self._changed.wait()

    def silence(self) -> None:
        """Let nothing through any more on connections that are open; nobody is told."""
        self._end("silence")

    def reset(self) -> None:
        """Break off all connections, both ways (RST). What was on its way is lost."""
        self._end("reset")

    def end(self) -> None:
        """End all connections, both ways (FIN), in the middle of whatever is being said."""
        self._end("end")

    async def close(self) -> None:
        """Accept no connection any more, and break off those that are open."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.reset()
        await self.until_connections(0)

    async def open(self) -> None:
        """Accept connections; after `close`, on the same port again."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _end(self, how: End) -> None:
        for link in tuple(self._links):
            link.end(how)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        link = _Link(task, writer)
        self._links.add(link)
        self.accepted += 1
        self._changed.set()
        try:
            # A connection that was cancelled ended as it was told to: that is nothing to log.
            with suppress(OSError, asyncio.CancelledError):
                await self._carry(link, reader, writer)
        finally:
            link.close()
            self._links.discard(link)
            self._changed.set()

    async def _carry(
        self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        far_reader, far_writer = await asyncio.open_connection(
            self._target.hostname, self._target.port
        )
        link.writers.append(far_writer)
        await asyncio.gather(
            link.carry(reader, far_writer, lambda: self.up),
            link.carry(far_reader, writer, lambda: self.down),
        )


class _Link:
    """One connection, from both its ends."""

    def __init__(self, task: asyncio.Task[None], writer: asyncio.StreamWriter) -> None:
        self.task = task
        self.writers = [writer]
        self._is_silent = False

    def end(self, how: End) -> None:
        match how:
            case "silence":
                self._is_silent = True
            case "reset":
                self._reset()
                self.task.cancel()
            case "end":
                self.task.cancel()

    def close(self) -> None:
        if self._is_silent:  # its peers may have filled the buffers: nobody will empty them
            self._reset()
        for writer in self.writers:
            writer.close()

    def _reset(self) -> None:
        for writer in self.writers:
            sock: socket.socket = writer.get_extra_info("socket")
            if sock.fileno() >= 0:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOW_OR_NEVER)
            writer.transport.abort()

    async def carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        line: Callable[[], Line],
    ) -> None:
        """Carry bytes one way, until they end."""
        now, passed = line(), 0
        try:
            while data := await reader.read(_PIECE):
                await asyncio.sleep(line().delay)
                while data and not self._is_silent:
                    if now is not line():
                        now, passed = line(), 0
                    most = now.piece if now.limit is None else min(now.piece, now.limit - passed)
                    piece, data = data[:most], data[most:]
                    writer.write(piece)
                    await writer.drain()
                    passed += len(piece)
                    if passed == now.limit:
                        self.end(now.then)
                        data = b""
                    elif now.pause:
                        await asyncio.sleep(now.pause)
        except OSError:
            self.end("reset")  # who breaks off, breaks off for both
        if not self._is_silent and not writer.is_closing():
            writer.write_eof()
