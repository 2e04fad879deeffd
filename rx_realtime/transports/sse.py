"""Server-sent events: one body that streams, its bytes as they come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec.structs import replace
from reactivex import Observable

from ..errors import ConnectionLost, FrameTooLarge, WireError
from ..models import Opened
from ..wire import Request
from .asking import streamed
from .body import read, refused
from .settings import Settings
from .task import from_task

__all__ = ["sse"]


def sse(
    request: Request,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
    *,
    gate: Callable[[], Awaitable[None]] | None = None,
) -> Observable[Opened | bytes]:
    """Ask for an event stream and deliver `Opened`, then its bytes in the pieces they came in.

    Comments are bytes too: whoever watches for stalls sees that the server is alive.
    The sequence never completes: the end of a body is no proof that the work is over.

    Args:
        request: what to ask for; its token travels as with `websocket`.
        settings: times and limits; `idle_timeout` is how long the body may be silent.
        gate: awaited before each piece, so that a reader who is behind slows the server down.

    Errors:
        OptionError, ConnectFailed, Refused (NotAuthorized, …), WireError before it opened;
        ConnectionLost, FrameTooLarge, Stalled after.
    """

    async def run(deliver: Callable[[Opened | bytes], None]) -> None:
        again = await _listen(request, settings, Opened(), deliver, gate)
        await _listen(again, settings, Opened(token_in_url=True), deliver, gate)

    return from_task(run)


async def _listen(
    request: Request,
    settings: Settings,
    opened: Opened,
    deliver: Callable[[Opened | bytes], None],
    gate: Callable[[], Awaitable[None]] | None,
) -> Request:
    """Listen until it fails; return what to ask instead where the header is not accepted."""
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store", **request.headers}
    asked, size = replace(request, headers=headers), _Size(settings.max_size)

    def take(piece: bytes) -> None:
        deliver(piece)
        size.add(piece)

    async with streamed(asked, settings, timeout=settings.open_timeout) as response:
        if response.status_code == 401 and (again := request.with_token_in_url()) is not None:
            return again
        if response.status_code != 200:
            raise await refused(response, settings)
        kind = response.headers.get("content-type", "no content type")
        if not kind.startswith("text/event-stream"):
            raise WireError(f"instead of an event stream, the server answered with {kind:.80}")
        deliver(opened)
        await read(response, settings, take, gate=gate)
    raise ConnectionLost(reason="the event stream ended", is_clean=True)


class _Size:
    """How much there is of the event that has not ended yet."""

    _ENDS = (b"\n\n", b"\n\r\n", b"\r\r")  # a blank line, in each of its spellings

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._unfinished = 0
        self._tail = b""

    def add(self, piece: bytes) -> None:
        text = self._tail + piece
        end = max(map(text.rfind, self._ENDS if b"\r" in text else self._ENDS[:1]))
        self._unfinished = self._unfinished + len(piece) if end < 0 else len(text) - end
        self._tail = text[-2:]
        if self._unfinished > self._limit:
            raise FrameTooLarge(self._limit)
