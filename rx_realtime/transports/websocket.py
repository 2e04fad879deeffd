"""Websockets: one connection, its frames as they come."""

from __future__ import annotations

import asyncio

from reactivex import Observable

from ..errors import NotAuthorized
from ..models import Opened
from ..wire import Request
from .connection import Connection
from .dial import dial
from .settings import Settings
from .task import Deliver, from_task

__all__ = ["websocket"]


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
        ConnectionLost, FrameTooLarge, Stalled, WireError after.
    """

    async def run(deliver: Deliver[Opened | bytes]) -> None:
        await _closing.wait(request.url, settings.close_timeout)
        connection, opened = await _open(request, settings)
        try:
            deliver(opened)
            while True:
                deliver(*await connection.messages())
        finally:
            await _closing.close(request.url, connection)

    return from_task(run)


async def _open(request: Request, settings: Settings) -> tuple[Connection, Opened]:
    try:
        return await dial(request, settings), Opened()
    except NotAuthorized:
        again = request.with_token_in_url()
        if again is None:
            raise
    return await dial(again, settings), Opened(token_in_url=True)


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
            connection.abort()  # where the loop ended before the peer answered
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
