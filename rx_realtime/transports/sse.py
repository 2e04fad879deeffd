"""Server-sent events: one body that streams, its bytes as they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from reactivex import Observable

from ..errors import ConnectionLost, NotAuthorized, WireError, refusal
from ..models import Opened
from ..wire import Request
from .http import retry_after, streamed
from .settings import Settings
from .task import from_task

__all__ = ["sse"]


def sse(request: Request, settings: Settings = Settings()) -> Observable[Opened | bytes]:  # noqa: B008  (frozen)
    """Ask for an event stream and deliver `Opened`, then its bytes in the pieces they came in.

    Comments are bytes too: whoever watches for stalls sees that the server is alive.
    The sequence never completes: the end of a body is no proof that the work is over.

    Args:
        request: what to ask for; its token travels as with `websocket`.
        settings: times and limits; `idle_timeout` is how long the body may be silent.

    Errors:
        OptionError, ConnectFailed, Refused (NotAuthorized, …), WireError before it opened;
        ConnectionLost after.
    """

    async def run(deliver: Callable[[Opened | bytes], None]) -> None:
        try:
            await _read(request, settings, Opened(), deliver)
        except NotAuthorized:
            again = request.with_token_in_url()
            if again is None:
                raise
        await _read(again, settings, Opened(token_in_url=True), deliver)

    return from_task(run)


async def _read(
    request: Request,
    settings: Settings,
    opened: Opened,
    deliver: Callable[[Opened | bytes], None],
) -> NoReturn:
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store", **request.headers}
    async with streamed(replace(request, headers=headers), settings) as response:
        if response.status_code != 200:
            detail = (await response.aread())[:300].decode("utf-8", "replace").strip()
            after = retry_after(response.headers.get("retry-after"))
            raise refusal(response.status_code, detail, retry_after=after)
        kind = response.headers.get("content-type", "no content type")
        if not kind.startswith("text/event-stream"):
            raise WireError(f"instead of an event stream, the server answered with {kind}")
        deliver(opened)
        async for piece in response.aiter_bytes():
            deliver(piece)
    raise ConnectionLost(reason="the event stream ended")
