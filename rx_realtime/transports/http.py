"""HTTP: one request, one answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from io import BytesIO

import httpx2
from reactivex import Observable

from ..errors import FrameTooLarge, Stalled
from ..wire import Request, Response
from .asking import streamed
from .body import read
from .settings import Settings
from .task import from_task

__all__ = ["exchange", "whole"]


def exchange(
    request: Request,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
    *,
    content: AsyncIterator[bytes] | None = None,
) -> Observable[Response]:
    """Send a request and deliver its answer, whatever its status.

    Args:
        request: what to send; its token travels as `Authorization: Bearer …`.
        settings: times and limits. `open_timeout` and `idle_timeout` together are how long the
            answer may take, except where `content` is still to come.
        content: a body that is sent piece by piece while it comes, instead of `request.body`.

    Errors:
        OptionError, ConnectFailed, ConnectionLost, FrameTooLarge, Stalled, WireError.
    """
    patience = None if content is not None else settings.open_timeout + settings.idle_timeout

    async def run(deliver: Callable[[Response], None]) -> None:
        deliver(await whole(request, settings, patience, content=content))

    return from_task(run)


async def whole(
    request: Request,
    settings: Settings,
    patience: float | None,
    *,
    content: AsyncIterator[bytes] | None = None,
    client: httpx2.AsyncClient | None = None,
) -> Response:
    """Send a request and return its whole answer.

    Args:
        request: what to send.
        settings: times and limits.
        patience: seconds that the answer may take; None is as long as it takes.
        content: a body that is yet to come.
        client: as for `streamed`.

    Raises:
        FrameTooLarge: if it is too much.
        Stalled: if it took too long.
        OptionError, ConnectFailed, ConnectionLost, WireError: as `streamed` and `read`.
    """
    body, limit = BytesIO(), asyncio.timeout(patience)

    def take(piece: bytes) -> None:
        body.write(piece)
        if body.tell() > settings.max_size:
            raise FrameTooLarge(settings.max_size)

    try:
        async with limit, streamed(request, settings, content=content, client=client) as response:
            await read(response, settings, take)
    except TimeoutError:
        if patience is None or not limit.expired():
            raise
        raise Stalled(patience, "a whole answer") from None
    return Response(response.status_code, dict(response.headers.items()), body.getvalue())
