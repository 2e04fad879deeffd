"""Websocket connections of the library `picows`, which the extra `[fast]` installs."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from http.client import parse_headers
from io import BytesIO
from typing import Any, Self

import picows
from aiohappyeyeballs import start_connection  # pyright: ignore[reportUnknownVariableType]
from picows.url import WSParsedURL
from picows.version import __version__
from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake, InvalidURI
from websockets.extensions.permessage_deflate import enable_client_permessage_deflate
from websockets.uri import parse_uri

from ..errors import ConnectFailed, RealtimeError, refusal
from ..wire import Request
from .asking import authorised
from .body import retry_after, shown
from .connection import HEAD_START, Connection, connecting
from .picows_connection import PicowsConnection
from .redact import redacting
from .settings import Settings

__all__ = ["dial"]

_AGENT = f"picows/{__version__}"


async def dial(request: Request, settings: Settings) -> Connection:
    """Open a connection, past all proxies; see `dial.dial`.

    What to ask for besides, and whether the answer fits it, the other library knows: this one has
    no compression.
    """
    here = settings.guard(request.url)
    tls = settings.tls if request.url.startswith("wss:") else None
    try:
        protocol = ClientProtocol(
            parse_uri(request.url),
            # Compression costs more than it saves on one machine.
            extensions=None if here else enable_client_permessage_deflate(None),
        )
    except InvalidURI:
        raise ConnectFailed("the URL is none for a websocket", transient=False) from None

    def listener(_: object, response: picows.WSUpgradeResponse) -> PicowsConnection:
        extensions = protocol.process_extensions(Headers(response.headers.items()))
        return PicowsConnection(settings, extensions)

    try:
        with connecting(settings), _Reaching() as reaching:
            async with asyncio.timeout(settings.open_timeout):
                _, connection = await picows.ws_connect(  # pyright: ignore[reportUnknownMemberType]
                    listener,
                    request.url,
                    ssl_context=tls,
                    extra_headers=_headers(protocol) | authorised(request),
                    enable_auto_pong=False,  # it would hide which frame is the last of many
                    max_frame_size=settings.max_size,
                    read_buffer_init_size=4096,  # it grows with what comes; most connections idle
                    max_redirects=0,  # the token is for the server that was named
                    websocket_handshake_timeout=None,  # there is one for all of it
                    logger_name=_Log(redacting("rx_realtime.websocket")),
                    socket_factory=reaching,
                    use_aiofastnet=False,  # what carries the bytes is the same for both libraries
                )
    except picows.WSHandshakeError as error:
        raise _refused(error) from None
    except InvalidHandshake as error:
        raise ConnectFailed(str(error)) from None
    if not isinstance(connection, PicowsConnection):
        raise ConnectFailed("the server hung up instead of an answer")
    return connection


class _Log(logging.LoggerAdapter[logging.Logger]):
    """Errors are delivered; they need not be shouted about as well.

    A plain logger would get children, whose records our filters do not see.
    """

    def log(self, level: int, msg: object, *args: object, **options: Any) -> None:
        super().log(min(level, logging.INFO), msg, *args, **options)


class _Reaching:
    """Opens the sockets, and closes them where a handshake is left: picows leaves them open."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    async def __call__(self, url: WSParsedURL) -> socket.socket:
        loop = asyncio.get_running_loop()
        addresses = await loop.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
        reached = await start_connection(addresses, happy_eyeballs_delay=HEAD_START)
        self._sockets.append(reached)
        return reached

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        for each in self._sockets if error is not None else ():
            with suppress(OSError):  # its transport has closed it already, or will do so now
                each.shutdown(socket.SHUT_RDWR)


def _headers(protocol: ClientProtocol) -> dict[str, str]:
    """Return what is asked for besides, as the other library says it."""
    asked = protocol.connect().headers
    names = ("Host", "Authorization", "Sec-WebSocket-Extensions")
    return {name: asked[name] for name in names if name in asked} | {"User-Agent": _AGENT}


def _refused(error: picows.WSHandshakeError) -> RealtimeError:
    """Read an answer again: picows knows the usual statuses only, and says so in one sentence.

    It hangs up once it has the head: what the body says is known only where both came as one.
    """
    line, _, rest = (error.raw_header or b"").partition(b"\r\n")
    status = line[9:12]
    if not (line.startswith(b"HTTP/1.1 ") and status.isdigit()) or status == b"101":
        return ConnectFailed(str(error))
    after = parse_headers(BytesIO(rest + b"\r\n\r\n")).get("Retry-After")
    return refusal(int(status), shown(error.raw_body), retry_after=retry_after(after))
