"""The ASGI application: both engines' routes behind one door."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from .answers import not_found, wrong_method
from .door import Door
from .faults import FaultGate, Faults
from .seen import Seen

__all__ = ["create_app"]

_LOCAL = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"
_HOUR = 3600


def create_app(
    routes: Iterable[BaseRoute],
    *,
    faults: Faults,
    hosts: Collection[str] | None,
    origins: Collection[str],
    seen: deque[Seen],
) -> Starlette:
    """Put routes behind the door, open to web pages on this machine and to `origins`."""
    return Starlette(
        routes=[*routes, WebSocketRoute("/{path:path}", _no_such_websocket)],
        middleware=[
            Middleware(Door, hosts=hosts, origins=origins, seen=seen),
            Middleware(
                CORSMiddleware,
                allow_origins=[*origins],
                allow_origin_regex=_LOCAL,
                allow_methods=["GET", "POST", "PUT", "DELETE", "OPTIONS"],
                allow_headers=["*"],
                max_age=_HOUR,
            ),
            Middleware(FaultGate, faults=faults),
        ],
        exception_handlers={404: not_found, 405: wrong_method},
    )


async def _no_such_websocket(websocket: WebSocket) -> None:
    # By itself the router says 403, which looks as if a token were wrong.
    await websocket.send_denial_response(await not_found(websocket))
