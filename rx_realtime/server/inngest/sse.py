"""GET /v1/realtime/sse: the same as the websocket, one way, as server-sent events."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...wire.inngest.claims import Claims
from ..options import Limits
from ..outbox import Goodbye, Outbox
from ..racing import first_of, never
from .admission import admit, subscribed
from .engine import Inngest

__all__ = ["send_events"]

_HEADERS = {
    "content-type": "text/event-stream",
    "cache-control": "no-cache",
    "connection": "keep-alive",
    "access-control-expose-headers": "Content-Type",
}
_COMMENT = b":\n\n"


async def send_events(inngest: Inngest, request: Request) -> Response:
    """Let a subscriber in, or answer why not."""
    claims = admit(inngest, request)
    return claims if isinstance(claims, Response) else _Events(inngest, claims)


class _Events(Response):
    """A response that goes on while its subscriber listens."""

    def __init__(self, inngest: Inngest, claims: Claims) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._inngest = inngest
        self._claims = claims

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell the subscriber everything until one of the two has enough."""
        limits = self._inngest.limits
        # As with the websocket: subscribed first, answered then.
        with subscribed(self._inngest, self._claims, "sse") as subscriber:
            outbox = subscriber.outbox
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await first_of(
                _until_gone(receive),
                outbox.until_cut_off(),
                _tell(send, outbox, limits),
                _grow_old(limits),
            )
        with suppress(TimeoutError):
            async with asyncio.timeout(limits.close_timeout):
                await send({"type": "http.response.body", "body": b""})


async def _tell(send: Send, outbox: Outbox, limits: Limits) -> Goodbye:
    """Send what waits, and a comment where nothing does."""
    line = _COMMENT
    while True:
        if outbox.is_stalled:
            await never()
        await send({"type": "http.response.body", "body": line, "more_body": True})
        try:
            async with asyncio.timeout(limits.ping_interval):
                said = await outbox.get()
        except TimeoutError:
            line = _COMMENT
            continue
        if isinstance(said, Goodbye):
            return said
        # Raw bytes are events already, or so their sender promised.
        line = said.data if said.raw else b"data: " + said.data + b"\n\n"


async def _until_gone(receive: Receive) -> Goodbye:
    while (await receive())["type"] != "http.disconnect":
        pass
    return Goodbye(None)


async def _grow_old(limits: Limits) -> Goodbye:
    await asyncio.sleep(limits.sse_lifetime)
    return Goodbye(None)
