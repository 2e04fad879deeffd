"""Reading what an answer over HTTP says: its body, and why it is a refusal."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from ..errors import ConnectionLost, Refused, RemoteError, Stalled, refusal
from ..wire.refusals import said
from .settings import Settings

__all__ = ["read", "refused", "retry_after", "shown"]

_RETRY_CAP = 3600.0
_SHOWN = 300


async def read(
    response: httpx2.Response,
    settings: Settings,
    deliver: Callable[[bytes], None],
    *,
    gate: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Hand on a body in the pieces it comes in. What `deliver` raises goes through as it is.

    Args:
        response: whose body.
        settings: times and limits.
        deliver: takes the pieces.
        gate: awaited before each of them. Time spent there is no silence of the server.

    Raises:
        Stalled: if it was silent for too long.
        ConnectionLost: if it broke off.
    """
    async with aclosing(response.aiter_raw()) as body:
        while True:
            if gate is not None:
                await gate()
            try:
                piece = await anext(body, None)
            except httpx2.ReadTimeout:
                raise Stalled(settings.idle_timeout) from None
            except httpx2.TransportError as error:
                raise ConnectionLost(reason=str(error) or type(error).__name__) from None
            if piece is None:
                return
            deliver(piece)


async def refused(response: httpx2.Response, settings: Settings) -> Refused:
    """Make the error that an answer stands for, with the beginning of what it says."""
    body = bytearray()

    def take(piece: bytes) -> None:
        body.extend(piece)
        if len(body) > _SHOWN:
            raise _Enough

    if "content-encoding" not in response.headers:
        with suppress(_Enough, TimeoutError, RemoteError):
            async with asyncio.timeout(settings.open_timeout):
                await read(response, settings, take)
    after = retry_after(response.headers.get("retry-after"))
    return refusal(response.status_code, shown(body), retry_after=after)


class _Enough(Exception):
    pass


def shown(body: bytes | bytearray | None) -> str:
    """Return what the body of an error says; of a page, its beginning."""
    text = bytes(body or b"")
    return said(text) or text[:_SHOWN].decode("utf-8", "replace").strip()


def retry_after(value: str | None) -> float | None:
    """Read a `Retry-After` header: seconds or a date; never negative, never over an hour."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            date = parsedate_to_datetime(value)
        except ValueError:
            return None
        if date.tzinfo is None:
            date = date.replace(tzinfo=UTC)
        seconds = (date - datetime.now(UTC)).total_seconds()
    return None if math.isnan(seconds) else min(max(seconds, 0.0), _RETRY_CAP)
