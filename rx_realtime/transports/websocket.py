"""Websockets: one connection, its frames as they come."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, cast

from reactivex import Observable
from websockets.asyncio.client import connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
)

from ..errors import (
    ConnectFailed,
    ConnectionLost,
    FrameTooLarge,
    NotAuthorized,
    OptionError,
    RealtimeError,
    Stalled,
    WireError,
    refusal,
)
from ..models import Opened
from ..wire import Request
from .connection import Connection
from .http import authorised, retry_after, shown
from .redact import redacting
from .settings import Settings
from .task import from_task

__all__ = ["websocket"]

_PROTOCOL_ERROR, _TOO_BIG = 1002, 1009
_log = redacting("rx_realtime.websocket")


class _Connect(connect):
    """Follows no redirect: the token is for the server that was named."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def websocket(request: Request, settings: Settings = Settings()) -> Observable[Opened | bytes]:  # noqa: B008  (frozen)
    """Open a websocket and deliver `Opened`, then its frames as bytes.

    The token travels in the `Authorization` header; only when that is refused, in the URL.
    The sequence never completes: a peer that ends the connection has proved nothing about the
    work, so every end is an error. Leaving the subscription closes with code 1000.

    Args:
        request: what to open; `ws:` or `wss:`.
        settings: times and limits.

    Errors:
        OptionError, ConnectFailed, Refused (NotAuthorized, …) before it opened;
        ConnectionLost, FrameTooLarge, Stalled after.
    """

    async def run(deliver: Callable[[Opened | bytes], None]) -> None:
        await _closing.wait(request.url, settings.close_timeout)
        connection, opened = await _open(request, settings)
        try:
            deliver(opened)
            while True:
                for message in await _messages(connection, settings):
                    deliver(message)
        finally:
            await _closing.close(request.url, connection)

    return from_task(run)


async def _messages(connection: Connection, settings: Settings) -> list[bytes]:
    try:
        return await connection.messages()
    except ConnectionClosed as closed:
        raise _why(closed, settings) from None


async def _open(request: Request, settings: Settings) -> tuple[Connection, Opened]:
    try:
        return await _dial(request, settings), Opened()
    except NotAuthorized:
        again = request.with_token_in_url()
        if again is None:
            raise
    return await _dial(again, settings), Opened(token_in_url=True)


async def _dial(request: Request, settings: Settings) -> Connection:
    here = settings.guard(request.url)
    tls = settings.tls if request.url.startswith("wss:") else None
    try:
        connection = await _Connect(
            request.url,
            additional_headers=authorised(request),
            # Compression costs more than it saves on one machine, and a proxy is not asked there.
            compression=None if here else "deflate",
            proxy=None if here else True,
            open_timeout=settings.open_timeout,
            ping_interval=settings.ping_interval,
            ping_timeout=settings.pong_timeout,
            close_timeout=settings.close_timeout,
            max_size=settings.max_size,
            logger=_log,
            create_connection=Connection,
            ssl=tls,
            **({} if here else _happy_eyeballs()),
        )
        return cast(Connection, connection)
    except InvalidStatus as error:
        response = error.response
        after = retry_after(response.headers.get("Retry-After"))
        raise refusal(response.status_code, shown(response.body), retry_after=after) from None
    except TimeoutError:
        raise ConnectFailed(f"it took longer than {settings.open_timeout:g} s") from None
    except ssl.SSLCertVerificationError as error:
        raise ConnectFailed(error.verify_message, transient=False) from None
    except (InvalidURI, UnicodeError):
        raise ConnectFailed("the URL is none for a websocket", transient=False) from None
    except (InvalidProxy, ImportError) as error:
        raise OptionError(f"the environment names a proxy that cannot be used: {error}") from None
    except (OSError, EOFError, InvalidHandshake) as error:
        raise ConnectFailed(str(error) or type(error).__name__) from None


def _happy_eyeballs() -> dict[str, Any]:
    """Try the next address of a host before the first one has failed (RFC 8305).

    An address that nobody answers at would use up all the time there is. uvloop has no such option.
    """
    has_it = isinstance(asyncio.get_running_loop(), asyncio.BaseEventLoop)
    return {"happy_eyeballs_delay": 0.25} if has_it else {}


def _why(closed: ConnectionClosed, settings: Settings) -> RealtimeError:
    """Say why a connection ended: what they sent, or what made us give up."""
    ours = closed.sent if closed.rcvd is None or not closed.rcvd_then_sent else None
    if ours is not None and ours.code == _TOO_BIG:
        return FrameTooLarge(settings.max_size)
    if ours is not None and "keepalive" in ours.reason:
        return Stalled(settings.ping_interval + settings.pong_timeout, "a pong from the server")
    if ours is not None and ours.code == _PROTOCOL_ERROR:
        return WireError(f"the server broke the websocket protocol: {ours.reason}")
    if closed.rcvd is None:
        return ConnectionLost(1006)
    return ConnectionLost(closed.rcvd.code, closed.rcvd.reason)


class _Closing:
    """The connections that are being closed, by URL.

    When the last subscriber of a topic leaves while a new one comes, the real server may end up
    with neither: so the next connection waits until the last has said goodbye.
    """

    def __init__(self) -> None:
        self._tasks: dict[tuple[asyncio.AbstractEventLoop, str], set[asyncio.Task[None]]] = {}

    async def close(self, url: str, connection: Connection) -> None:
        """Close a connection, shielded from the cancellation that asked for it."""
        key = (asyncio.get_running_loop(), url)
        task = asyncio.create_task(connection.close())
        tasks = self._tasks.setdefault(key, set())
        tasks.add(task)

        def closed(_: object) -> None:
            connection.transport.abort()  # where the loop ended before the peer answered
            tasks.discard(task)
            if not tasks:
                self._tasks.pop(key, None)

        task.add_done_callback(closed)
        await asyncio.shield(task)

    async def wait(self, url: str, timeout: float) -> None:  # noqa: ASYNC109  (not a deadline)
        """Wait until all connections to `url` that are being closed are, or `timeout` passed."""
        tasks = self._tasks.get((asyncio.get_running_loop(), url))
        if tasks:
            await asyncio.wait(set(tasks), timeout=timeout)


_closing = _Closing()
