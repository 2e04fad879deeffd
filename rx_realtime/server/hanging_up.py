"""What ASGI does not let an application do with a request: hang up on the one who made it.

Our uvicorn protocol offers it as an ASGI extension. Another server, in which the application is
mounted, breaks off by itself where an answer stays unfinished.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["LiveRequests", "hang_up"]

_EXTENSION = "rx_realtime.hang_up"


class LiveRequests(H11Protocol):
    """uvicorn's HTTP, with a way to hang up in the scope."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        app: Any = self.app

        async def with_extension(scope: Scope, receive: Receive, send: Send) -> None:
            offered = {_EXTENSION: self.transport.abort}
            scope["extensions"] = {**(scope.get("extensions") or {}), **offered}
            await app(scope, receive, send)

        self.app = cast(Any, with_extension)


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Break a request off without the end of its answer, and wait until it is."""
    extensions = cast(Mapping[str, Callable[[], None]], scope.get("extensions") or {})
    if (abort := extensions.get(_EXTENSION)) is None:
        return
    abort()
    while (await receive())["type"] != "http.disconnect":
        pass
