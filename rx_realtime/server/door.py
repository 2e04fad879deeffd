"""The door: who may come in at all, and what is taken from them there.

A dev server listens on loopback, where every web page that its developer visits can reach it.
Rebinding a domain to 127.0.0.1 makes a page's requests same-origin, so the `Host` is checked;
browsers connect websockets across origins without asking, so the `Origin` is checked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .answers import error
from .seen import Seen, path_of

__all__ = ["LOOPBACK_HOSTS", "Door", "is_local_origin"]

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})

_REMEMBERED = 1000
_BEARER = "Bearer "


class Door:
    """ASGI middleware around the whole server.

    It refuses strangers, moves a token from the URL into the header so that no log behind the
    door can show it, and marks every answer as a dev server's.

    Args:
        hosts: names by which the server may be called; None for any.
        origins: web pages that may call it, besides those on loopback.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str] | None,
        origins: Collection[str],
        seen: deque[Seen],
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._origins = frozenset(origins)
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        token = _hide_token(scope)

        async def answer(message: Message) -> None:
            if (status := _status(message)) is not None:
                method = scope.get("method", "WEBSOCKET")
                # The last part of this path is a key.
                path = "/e" if path_of(scope).startswith("/e/") else path_of(scope)
                self._seen.append(Seen(method, path, token, status))
                _mark(message)
            await send(message)

        await (self._refusal(Headers(scope=scope)) or self._app)(scope, receive, answer)

    def _refusal(self, headers: Headers) -> Response | None:
        host = _hostname("//" + headers.get("host", ""))
        if self._hosts is not None and host not in self._hosts:
            return error("This server is not called by that name", 403)
        origin = headers.get("origin")
        if origin is None or origin in self._origins or is_local_origin(origin):
            return None
        return error("Web pages from there may not call this server", 403)


def is_local_origin(origin: str) -> bool:
    """Whether a web page comes from this machine, whatever its port."""
    return origin.startswith(("http://", "https://")) and _hostname(origin) in LOOPBACK_HOSTS


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _hide_token(scope: Scope) -> Literal["header", "query"] | None:
    """Move the token from the URL into the header, where there is none; say where it was.

    In place, because the server that called us writes its access log from this very dict. As on
    the real server, any header that is longer than its scheme hides the parameter.
    """
    headers = MutableHeaders(scope=scope)
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    tokens = [value for name, value in query if name == "token"]
    if tokens:
        rest = [(name, value) for name, value in query if name != "token"]
        scope["query_string"] = urlencode(rest, quote_via=quote).encode()
    if len(headers.get("authorization", "")) > len(_BEARER) + 1:
        return "header"
    if tokens and tokens[0].isascii():
        headers["authorization"] = _BEARER + tokens[0]
        return "query"
    return None


def _status(message: Message) -> int | None:
    match message["type"]:
        case "websocket.accept":
            return 101
        case "http.response.start" | "websocket.http.response.start":
            return int(message["status"])
        case _:
            return None


def _mark(message: Message) -> None:
    message.setdefault("headers", [])
    headers = MutableHeaders(scope=message)
    headers["x-inngest-server-kind"] = "dev"
    headers.setdefault("vary", "Origin")
