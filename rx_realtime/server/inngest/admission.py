"""How a subscriber comes in, by whichever transport, and how it is forgotten."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

from starlette.requests import HTTPConnection
from starlette.responses import Response

from ...wire.inngest.claims import Claims, address_of
from ..answers import error
from ..outbox import Outbox
from .engine import Inngest
from .hub import Subscriber

__all__ = ["admit", "subscribed"]


def admit(inngest: Inngest, connection: HTTPConnection) -> Claims | Response:
    """Return what the subscriber may listen to, or the answer that refuses it.

    Only a realtime token opens this door; the signing key does not.
    """
    claims = inngest.keys.claims_of(connection)
    if claims is None:
        return error("Not authenticated", 401)
    if inngest.is_draining:
        return error("The server is closing", 503, {"retry-after": "1"})
    if inngest.connections >= inngest.limits.max_connections:
        return error("Too many connections", 503, {"retry-after": "1"})
    return claims


@contextmanager
def subscribed(
    inngest: Inngest, claims: Claims, kind: Literal["websocket", "sse"]
) -> Generator[Subscriber]:
    """Subscribe while the block runs: what is published then waits in the outbox."""
    limits = inngest.limits
    outbox = Outbox(max_messages=limits.max_queue_messages, max_bytes=limits.max_queue_bytes)
    inngest.faults.befall(outbox)
    subscriber = Subscriber(claims.env, outbox, kind)
    inngest.hub.join(subscriber, [address_of(topic, claims.env) for topic in claims.topics or ()])
    try:
        yield subscriber
    finally:
        inngest.hub.leave(subscriber)
