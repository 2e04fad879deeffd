"""Websocket connections of the library `websockets`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import Any, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidProxy, InvalidStatus, InvalidURI
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State

from ..errors import ConnectFailed, OptionError, RealtimeError, refusal
from ..wire import Request
from .asking import authorised
from .body import retry_after, shown
from .connection import HEAD_START, KEEPALIVE, Connection, connecting, why
from .inbox import Inbox
from .keepalive import Keepalive
from .redact import redacting
from .settings import Settings

__all__ = ["dial"]

_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
_log = redacting("rx_realtime.websocket")


async def dial(request: Request, settings: Settings) -> Connection:
    """Open a connection; see `dial.dial`."""
    here = settings.guard(request.url)
    tls = settings.tls if request.url.startswith("wss:") else None
    try:
        with connecting(settings):
            connection = await _Connect(
                request.url,
                additional_headers=authorised(request),
                # Compression costs more than it saves on one machine, and a proxy is not asked.
                compression=None if here else "deflate",
                proxy=None if here else True,
                open_timeout=settings.open_timeout,
                ping_interval=None,  # its pings are a task and a coroutine for each connection
                close_timeout=settings.close_timeout,
                max_size=settings.max_size,
                logger=_log,
                create_connection=cast(Any, partial(_Connection, settings)),
                ssl=tls,
                **({} if here else _happy_eyeballs()),
            )
    except InvalidStatus as error:
        response = error.response
        after = retry_after(response.headers.get("Retry-After"))
        raise refusal(response.status_code, shown(response.body), retry_after=after) from None
    except InvalidURI:
        raise ConnectFailed("the URL is none for a websocket", transient=False) from None
    except (InvalidProxy, ImportError) as error:
        raise OptionError(f"the environment names a proxy that cannot be used: {error}") from None
    except InvalidHandshake as error:
        raise ConnectFailed(str(error) or type(error).__name__) from None
    opened = cast(_Connection, connection)
    opened.begin()
    return opened


class _Connect(connect):
    """Follows no redirect: the token is for the server that was named."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _happy_eyeballs() -> dict[str, Any]:
    """Try the next address of a host before the first one has failed.

    An address that nobody answers at would use up all the time there is. uvloop has no such option.
    """
    has_it = isinstance(asyncio.get_running_loop(), asyncio.BaseEventLoop)
    return {"happy_eyeballs_delay": HEAD_START} if has_it else {}


class _Connection(ClientConnection):
    """The library's connection, with a shorter way for messages: `messages` instead of `recv`.

    It reads and checks all that comes; then each frame would go through an asynchronous queue,
    from which messages are put together. Here it goes into an inbox of messages.
    """

    __slots__ = ("_begun", "_deadline", "_inbox", "_keepalive", "_settings")

    def __init__(self, settings: Settings, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # What only comes later would give each connection a dictionary with keys of its own.
        self.recv_messages = self.transport = cast(Any, None)
        self.drain_waiters = cast(Any, [])  # while they are empty, a deque takes ten times as much
        self._settings = settings
        self._begun = bytearray()  # what there is of a message that comes in several frames
        self._deadline: asyncio.TimerHandle | None = None
        self._keepalive = Keepalive(settings, self._ask, self._stalled)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Make the inbox before anything can come."""
        self._inbox = Inbox(cast(asyncio.Transport, transport), self._why)
        super().connection_made(transport)
        self.recv_messages = cast(Any, _NO_QUEUE)

    def begin(self) -> None:
        """Keep it alive, and forget the handshake: most connections are idle."""
        if self.response is not None:
            self.response.headers.clear()  # the parser goes on holding it
        self.request = self.response = None
        if self.protocol.state is State.OPEN:
            self._keepalive.rest()

    def messages(self) -> Awaitable[list[bytes]]:
        """Take what has come; see `Connection`."""
        return self._inbox.take()

    def _why(self) -> RealtimeError:
        closed = self.protocol.close_exc
        ours = closed.sent if closed.rcvd is None or not closed.rcvd_then_sent else None
        return why(ours, closed.rcvd, self._settings)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Say goodbye; see `Connection`."""
        self._inbox.drop()
        await super().close(code, reason)

    def abort(self) -> None:
        """End it at once."""
        self.transport.abort()

    def process_event(self, event: Any) -> None:
        """Take in what came; pings and goodbyes the library has answered already."""
        if not isinstance(event, Frame):  # the answer to the handshake
            super().process_event(event)
        elif event.opcode in _DATA:
            self._take(event)
        elif event.opcode is Opcode.PONG:
            self._keepalive.rest()

    def _take(self, frame: Frame) -> None:
        if frame.fin and frame.opcode is not Opcode.CONT:
            self._inbox.append(bytes(frame.data))
            return
        self._begun += frame.data
        if frame.fin:
            self._inbox.append(bytes(self._begun))
            self._begun.clear()

    def data_received(self, data: bytes) -> None:
        """Take in some bytes, and see to it that a closing handshake takes the close timeout.

        The library itself waits for the peer, who need not answer, until the next ping is due.
        """
        super().data_received(data)
        self._inbox.wake()
        if self._deadline is None and self.protocol.close_expected():
            self._deadline = self.loop.call_later(self.close_timeout or 0, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake who waits, for the last time."""
        super().connection_lost(exc)
        self._keepalive.stop()
        self._inbox.end()
        if self._deadline is not None:
            self._deadline.cancel()

    def _ask(self) -> None:
        if self.protocol.state is State.OPEN:
            self.protocol.send_ping(b"")
            self.send_data()

    def _stalled(self) -> None:
        self.protocol.fail(CloseCode.INTERNAL_ERROR, KEEPALIVE)
        self.send_data()
        self.abort()


class _NoQueue:
    """In the place of the library's queue of frames, which nothing goes through."""

    def close(self) -> None:
        """Wake nobody."""


_NO_QUEUE = _NoQueue()
