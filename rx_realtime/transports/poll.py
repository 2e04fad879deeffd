"""Long polls: many questions, one after the other, over connections that stay open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from reactivex import Observable

from ..wire import Request, Response
from .asking import connections
from .http import whole
from .settings import Settings
from .task import from_task

__all__ = ["Ask", "polling"]

#: Puts a question: an observable that completes with its answer, whatever its status.
Ask: TypeAlias = Callable[[Request], Observable[Response]]


def polling(url: str, settings: Settings = Settings()) -> Observable[Ask]:  # noqa: B008  (frozen)
    """Hold connections to a server for as long as they are needed: deliver what asks over them.

    A question every 20 seconds needs no new handshake each. How long an answer may take says the
    request, `Request.timeout`. Redirects are not followed, so that no token goes where it was not
    sent.

    Args:
        url: the server, or any address on it.
        settings: times and limits.

    Returns:
        An observable of one `Ask`, which does not complete: leaving it closes the connections.

    Errors:
        OptionError. Of an answer: ConnectFailed, ConnectionLost, FrameTooLarge, Stalled, WireError.
    """

    async def run(deliver: Callable[[Ask], None]) -> None:
        async with connections(url, settings) as client:

            def ask(request: Request) -> Observable[Response]:
                patience = request.timeout or settings.open_timeout + settings.idle_timeout

                async def answered(deliver: Callable[[Response], None]) -> None:
                    deliver(await whole(request, settings, patience, client=client))

                return from_task(answered)

            deliver(ask)
            await asyncio.Event().wait()  # until it is left

    return from_task(run)
