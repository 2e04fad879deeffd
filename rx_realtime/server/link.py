"""What ASGI does not let an application do with its websocket: ping it, and hang up.

Our uvicorn protocol offers both as an ASGI extension. Where the app is mounted in another server
there is no such extension: then that server pings, and hanging up means to return.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

__all__ = ["Link", "LiveSocket", "link_of"]

_EXTENSION = "rx_realtime.link"


class Link(Protocol):
    """A websocket below ASGI."""

    def ping(self, payload: bytes) -> asyncio.Future[None]:
        """Send a protocol ping; the future is done when its pong comes."""
        ...

    @property
    def is_writable(self) -> bool:
        """Whether what is written now does not have to wait for what was written before."""
        ...

    def watch(self, notify: Callable[[], None]) -> None:
        """Have this called whenever it has become writable."""
        ...

    def write(self, frames: bytes) -> None:
        """Send whole frames, as they are. After the close they are dropped."""
        ...

    def freeze(self) -> None:
        """Read nothing any more, so that even pings go unanswered."""
        ...

    def abort(self) -> None:
        """Hang up without a close frame. What was not sent yet is lost."""
        ...

    async def until_lost(self) -> None:
        """Wait until the TCP connection is gone."""
        ...


def link_of(websocket: WebSocket) -> Link | None:
    """Return the link below a websocket, where there is one."""
    extensions = cast(Mapping[str, Mapping[str, Any]], websocket.scope.get("extensions") or {})
    return extensions.get(_EXTENSION, {}).get("link")


class LiveSocket(WebSocketsSansIOProtocol):
    """uvicorn's websocket, with a link to it in the scope."""

    _pongs: dict[bytes, asyncio.Future[None]]
    _lost: asyncio.Event
    _notify: Callable[[], None] | None = None
    _query: bytes
    _authorization: list[tuple[bytes, bytes]]

    def data_received(self, data: bytes) -> None:
        """Keep the token to ourselves while the handshake is read."""
        super().data_received(data if self.handshake_initiated else self._shorten(data))

    def handle_connect(self, event: Request) -> None:
        """Offer the link to the application that is about to be called."""
        self._pongs = {}
        self._lost = asyncio.Event()
        super().handle_connect(event)
        if self.close_sent:  # the handshake was refused: there is no scope
            return
        self.scope["query_string"] = self._query
        self.scope["headers"] = [*self.scope["headers"], *self._authorization]
        extensions = self.scope.setdefault("extensions", {}) or {}
        extensions[_EXTENSION] = {"link": self}

    async def send(self, message: Any) -> None:
        """Send what the application says.

        To refuse a websocket answers its handshake: uvicorn forgets that, and logs an error.
        """
        await super().send(message)
        if self.close_sent:
            self.handshake_complete = True

    def handle_pong(self, event: Frame) -> None:
        """Tell the one who waits for this pong."""
        waiter = self._pongs.pop(bytes(event.data), None)
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell those who wait for the end."""
        super().connection_lost(exc)
        if self.handshake_initiated:
            self._lost.set()

    def resume_writing(self) -> None:
        """Tell the one who has more to say."""
        super().resume_writing()
        if self._notify is not None:
            self._notify()

    def ping(self, payload: bytes) -> asyncio.Future[None]:
        """Send a protocol ping; the future is done when its pong comes."""
        waiter = self.loop.create_future()
        if not self.close_sent and not self.transport.is_closing():
            self._pongs[payload] = waiter
            self.conn.send_ping(payload)
            self.transport.write(b"".join(self.conn.data_to_send()))
        return waiter

    @property
    def is_writable(self) -> bool:
        """Whether what is written now does not have to wait for what was written before."""
        return self.writable.is_set()

    def watch(self, notify: Callable[[], None]) -> None:
        """Have this called whenever it has become writable."""
        self._notify = notify

    def write(self, frames: bytes) -> None:
        """Send whole frames, as they are. After the close they are dropped."""
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frames)

    def freeze(self) -> None:
        """Read nothing any more, so that even pings go unanswered."""
        self.read_paused = False  # or else the next `receive` resumes
        self.transport.pause_reading()

    def abort(self) -> None:
        """Hang up without a close frame. What was not sent yet is lost."""
        self.transport.abort()

    async def until_lost(self) -> None:
        """Wait until the TCP connection is gone."""
        await self._lost.wait()

    def _shorten(self, handshake: bytes) -> bytes:
        """Take the token out of the handshake's bytes.

        The library that reads them stops at lines of 8 KiB, which a token for a hundred topics
        exceeds and the real server takes; and at level DEBUG it logs every line.
        """
        head, end, rest = handshake.partition(b"\r\n\r\n")
        request, *lines = head.split(b"\r\n")
        method, target, version = request.split(b" ")
        path, _, self._query = target.partition(b"?")
        named = [(line, *line.partition(b":")[::2]) for line in lines]
        self._authorization = [
            (b"authorization", value.strip())
            for _, name, value in named
            if name.lower() == b"authorization"
        ]
        kept = [line for line, name, _ in named if name.lower() != b"authorization"]
        return b"\r\n".join([b" ".join([method, path, version]), *kept]) + end + rest
