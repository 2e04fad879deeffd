"""GET /v1/realtime/connect: a websocket that is told what is published on a token's topics."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from itertools import count
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from ...wire.inngest.claims import address_of
from ...wire.inngest.envelope import Subscribe, Unsubscribe, decode_command
from ..answers import error, plain_error
from ..link import Link, link_of
from ..options import Limits
from .auth import subscriber_claims
from .engine import Inngest
from .hub import Subscriber
from .outbox import Goodbye, Outbox

__all__ = ["connect", "connect_without_upgrade"]


async def connect(inngest: Inngest, websocket: WebSocket) -> None:
    """Let a subscriber in, and tell it everything until one of the two has enough."""
    claims = subscriber_claims(inngest, websocket)
    if isinstance(claims, Response):
        return await websocket.send_denial_response(claims)
    if (refusal := refuse_crowd(inngest)) is not None:
        return await websocket.send_denial_response(refusal)
    limits = inngest.limits
    outbox = Outbox(max_messages=limits.max_queue_messages, max_bytes=limits.max_queue_bytes)
    subscriber = Subscriber(claims.env, outbox, "websocket")
    # Before the 101: whoever is connected is subscribed. The real server answers first.
    inngest.hub.join(subscriber, [address_of(topic, claims.env) for topic in claims.topics or ()])
    link = link_of(websocket)
    try:
        await websocket.accept()
        goodbye = await _first_of(
            _listen(inngest, websocket, subscriber),
            _tell(websocket, link, outbox),
            _ping(link, limits),
            outbox.until_cut_off(),
        )
    finally:
        inngest.hub.leave(subscriber)
    if goodbye is not None:
        await _part(websocket, link, goodbye, limits.close_timeout)
    return None


async def connect_without_upgrade(inngest: Inngest, request: Request) -> Response:
    """Answer who asks for the websocket without speaking its protocol."""
    claims = subscriber_claims(inngest, request)
    if isinstance(claims, Response):
        return claims
    said = request.headers.get("connection", "")
    return plain_error(
        f'WebSocket protocol violation: Connection header "{said}" does not contain Upgrade',
        426,
        {"connection": "Upgrade", "upgrade": "websocket"},
    )


def refuse_crowd(inngest: Inngest) -> Response | None:
    """Refuse one subscriber too many, and everyone while the server is about to stop."""
    if inngest.is_draining:
        return error("The server is closing", 503, {"retry-after": "1"})
    if inngest.connections >= inngest.limits.max_connections:
        return error("Too many connections", 503, {"retry-after": "1"})
    return None


async def _listen(inngest: Inngest, websocket: WebSocket, subscriber: Subscriber) -> None:
    """Obey commands; return when the subscriber is gone."""
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        match decode_command(message.get("text") or ""):
            case Subscribe(data=token):
                claims = inngest.keys.read(token)
                if claims is not None:
                    topics = claims.topics or ()
                    inngest.hub.listen(
                        subscriber, [address_of(topic, claims.env) for topic in topics]
                    )
            case Unsubscribe(data=topics):
                inngest.hub.ignore(
                    subscriber, [address_of(topic, subscriber.env) for topic in topics]
                )
            case None:  # nothing that anybody understands; the real server is silent, too
                pass


async def _tell(websocket: WebSocket, link: Link | None, outbox: Outbox) -> Goodbye | None:
    """Send what waits; return when everything is said, or when nobody is there to hear it."""
    while True:
        said = await outbox.get()
        if isinstance(said, Goodbye):
            return said
        if link is not None:
            await link.send_raw(said.data)
            continue
        try:
            await websocket.send_text(said.data.decode("utf-8", "replace"))
        except WebSocketDisconnect:
            return None


async def _ping(link: Link | None, limits: Limits) -> Goodbye:
    """Ping until a pong does not come."""
    if link is None:  # the server that carries us pings in its own way
        await asyncio.Event().wait()
    assert link is not None
    for number in count(1):
        try:
            async with asyncio.timeout(limits.ping_timeout):
                await link.ping(str(number).encode())
        except TimeoutError:
            break
        await asyncio.sleep(limits.ping_interval)
    return Goodbye(1011, f"no pong within {limits.ping_timeout:g} s")


async def _part(
    websocket: WebSocket, link: Link | None, goodbye: Goodbye, close_timeout: float
) -> None:
    """Close with a code and a reason; hang up on those who do not answer in time."""
    if goodbye.code is not None:
        with suppress(TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(close_timeout):
                await websocket.close(goodbye.code, goodbye.reason)
                if link is not None:
                    await link.until_lost()
    if link is not None:
        link.abort()


async def _first_of(*contenders: Coroutine[Any, Any, Goodbye | None]) -> Goodbye | None:
    """Return what the first to finish returns; the others are cancelled."""
    tasks = [asyncio.ensure_future(contender) for contender in contenders]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        # In the order given: a subscriber who left needs no goodbye.
        return next(task for task in tasks if task in done).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
