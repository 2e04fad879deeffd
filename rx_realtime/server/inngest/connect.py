"""GET /v1/realtime/connect: a websocket that is told what is published on a token's topics."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from ...wire.inngest.claims import Claims, address_of
from ...wire.inngest.envelope import Subscribe, Unsubscribe, decode_command
from ..answers import plain_error
from ..courier import Courier
from ..link import Link, link_of
from ..options import Limits
from ..outbox import Goodbye, Outbox
from ..racing import first_of, never
from .admission import admit, subscribed
from .engine import Inngest
from .hub import Subscriber

__all__ = ["connect", "connect_without_upgrade"]


async def connect(inngest: Inngest, websocket: WebSocket) -> None:
    """Let a subscriber in, and tell it everything until one of the two has enough."""
    claims = admit(inngest, websocket)
    if isinstance(claims, Response):
        await websocket.send_denial_response(claims)
        return
    link, limits = link_of(websocket), inngest.limits
    # Subscribed before the 101 and not after it, as on the real server: who is connected misses
    # nothing.
    with subscribed(inngest, claims, "websocket") as subscriber:
        outbox = subscriber.outbox
        await websocket.accept()
        goodbye = await first_of(
            _listen(inngest, websocket, subscriber),
            _tell(websocket, outbox)
            if link is None
            else Courier(outbox, link, inngest.hub.rounds).parted,
            _ping(link, outbox, limits),
        )
    if goodbye is not None:
        await _part(websocket, link, goodbye, limits.close_timeout)


async def connect_without_upgrade(inngest: Inngest, request: Request) -> Response:
    """Answer who asks for the websocket without speaking its protocol."""
    claims = admit(inngest, request)
    if isinstance(claims, Response):
        return claims
    said = request.headers.get("connection", "")
    return plain_error(
        f'WebSocket protocol violation: Connection header "{said}" does not contain Upgrade',
        426,
        {"connection": "Upgrade", "upgrade": "websocket"},
    )


async def _listen(inngest: Inngest, websocket: WebSocket, subscriber: Subscriber) -> None:
    """Obey commands; return when the subscriber is gone."""
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        match decode_command(message.get("text") or ""):
            case Subscribe(data=token):
                _listen_to_more(inngest, subscriber, inngest.keys.read(token))
            case Unsubscribe(data=topics):
                inngest.hub.ignore(
                    subscriber, [address_of(topic, subscriber.env) for topic in topics]
                )
            case None:  # nothing that anybody understands; the real server is silent, too
                pass


def _listen_to_more(inngest: Inngest, subscriber: Subscriber, claims: Claims | None) -> None:
    if claims is None:
        return
    topics = [address_of(topic, claims.env) for topic in claims.topics or ()]
    if len(subscriber.topics.union(topics)) <= inngest.limits.max_topics:
        inngest.hub.listen(subscriber, topics)


async def _tell(websocket: WebSocket, outbox: Outbox) -> Goodbye | None:
    """Tell a subscriber through a server that is not ours."""
    return await first_of(outbox.until_cut_off(), _say(websocket, outbox))


async def _say(websocket: WebSocket, outbox: Outbox) -> Goodbye | None:
    """Send what waits; return when everything is said, or when nobody is there to hear it."""
    while not isinstance(said := await outbox.get(), Goodbye):
        try:
            await websocket.send_text(said.data.decode("utf-8", "replace"))
        except WebSocketDisconnect:
            return None
    return said


async def _ping(link: Link | None, outbox: Outbox, limits: Limits) -> Goodbye:
    """Ping until a pong does not come."""
    if link is None:  # the server that carries us pings in its own way
        await never()
    for number in count(1):
        try:
            async with asyncio.timeout(limits.ping_timeout):
                await link.ping(str(number).encode())
        except TimeoutError:
            break
        await asyncio.sleep(limits.ping_interval)
        if outbox.is_stalled:
            break
    if outbox.is_stalled:
        await never()
    return Goodbye(1011, f"no pong within {limits.ping_timeout:g} s")


async def _part(
    websocket: WebSocket, link: Link | None, goodbye: Goodbye, close_timeout: float
) -> None:
    """Close with a code and a reason; hang up on those who do not answer in time."""
    if goodbye.code is not None:
        # RuntimeError: uvicorn has just closed it itself, for a frame too large.
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(close_timeout):
                await websocket.close(goodbye.code, goodbye.reason)
                if link is not None:
                    await link.until_lost()
    if link is not None:
        link.abort()
