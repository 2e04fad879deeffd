"""uvicorn inside another program: no signals, no logging of its own, and a prompt end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Generator

import uvicorn
from starlette.types import ASGIApp

from .hanging_up import LiveRequests
from .link import LiveSocket

__all__ = ["Embedded", "listen"]

#: Seconds between two looks at the clock, for the `Date` header.
_TICK = 1.0
_BACKLOG = 2048
#: From when a connection is accepted until its protocol knows of it, in turns of the loop.
_TURNS = 4
#: What the real server's websocket library takes from a client.
_MAX_COMMAND = 32_768
#: What it takes for the head of a request, where a token may stand in the URL.
_MAX_HEAD = 1024 * 1024


class Embedded(uvicorn.Server):
    """A uvicorn that belongs to somebody else's event loop.

    Args:
        patience: how many seconds a request may go on when the server stops.
    """

    def __init__(self, app: ASGIApp, *, patience: float = 1.0) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=LiveRequests,  # LiveSocket relies on how h11 hands over
                h11_max_incomplete_event_size=_MAX_HEAD,
                ws=LiveSocket,
                ws_max_size=_MAX_COMMAND,
                ws_ping_interval=None,  # we ping: with a count, and from the first moment on
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
            )
        )
        self._patience = patience
        self._stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to the program that we are part of."""
        yield

    async def main_loop(self) -> None:
        """Wait until somebody stops us."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _TICK)

    def stop(self) -> None:
        """End `serve`, once requests that go on are answered or had their time."""
        self.should_exit = True
        self._stopping.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let requests end that are about to, hang up on the others, and leave nothing behind.

        uvicorn's own way looks every 0.1 s, and fails requests with an exception in the log.
        """
        await self._accept_no_more(sockets or [])
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=self._patience)
        for connection in list(self.server_state.connections):
            connection.transport.abort()  # the application sees its client go
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)
        for server in self.servers:
            await server.wait_closed()

    @staticmethod
    async def _accept_no_more(sockets: list[socket.socket]) -> None:
        """Let those come in who are at the door, and nobody after them.

        asyncio forgets a connection that it accepts while its server closes: the client would
        wait for an answer until the garbage is collected.
        """
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError):  # only loops that select can do so
            for listener in sockets:
                loop.remove_reader(listener.fileno())
        for _ in range(_TURNS):
            await asyncio.sleep(0)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; clients may connect before anybody accepts them.

    Raises:
        OSError: if the address is taken, or is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, because asyncio turns Nagle's algorithm off only where it is; with
    # it, each answer that has a body waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener
