"""Chunks on their way to the server: sent in parts, and each again until it is stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops
from tenacity import wait_exponential_jitter
from tenacity.stop import stop_after_attempt

from ...errors import ConnectFailed, ConnectionLost, Refused, Stalled
from ...operators import Wait, reconnect
from ...wire import Request, Response
from ...wire.refusals import check
from ...wire.trigger.ingest import decode_probe
from ..feed import Feed

__all__ = ["Exchange", "Upload", "retried"]

#: What a part holds at most. Until the server says that it is stored, it is kept here.
PART_CHUNKS: Final = 1000
PART_BYTES: Final = 4 * 1024 * 1024
#: Seconds without another chunk after which a part is finished: what is kept open and silent is
#: cut by machines on the way.
PART_SILENCE: Final = 5.0

#: As often the vendor's SDK tries in all, and as long it waits in between.
ATTEMPTS: Final = 10
WAITS: Final = wait_exponential_jitter(initial=1.0, max=30.0, jitter=1.0)
_PASSING: Final = frozenset({408, 429, 500, 502, 503, 504})


class Exchange(Protocol):
    """Sends a request, whose body may be yet to come, and delivers its answer."""

    def __call__(
        self, request: Request, *, content: AsyncIterator[bytes] | None = None
    ) -> Observable[Response]:
        """Send it."""
        ...


def retried(answers: Observable[Response], wait: Wait = WAITS) -> Observable[Response]:
    """Send again what may succeed later, as the vendor's SDK does."""
    return answers.pipe(
        ops.do_action(check),
        reconnect(wait, stop=stop_after_attempt(ATTEMPTS), retry_if=_is_passing),
    )


@dataclass
class Upload:
    """Lines on their way. Nothing is pulled from their source before there is room for it.

    Attributes:
        lines: where they come from.
        send: sends a request.
        ingest: makes the request for the part that begins with a chunk.
        probe: makes the request that asks what is stored.
        wait: the waits between attempts.
        stored: how many chunks are.
    """

    lines: AsyncIterator[bytes]
    send: Exchange
    ingest: Callable[[int], Request]
    probe: Callable[[], Request]
    wait: Wait = WAITS
    stored: int = 0
    _part: list[bytes] = field(default_factory=list[bytes])
    _size: int = 0
    _next: asyncio.Future[bytes | None] | None = None
    _is_over: bool = False
    _error: BaseException | None = None

    async def run(self) -> int:
        """Send all; return how many they were.

        What the source raises is raised when everything before it is stored.
        """
        try:
            while await self._has_more():
                await Feed(self._part_stored())
                self.stored += len(self._part)
                self._part.clear()
                self._size = 0
        finally:
            if self._next is not None:
                self._next.cancel()
                await asyncio.wait([self._next])
        if self._error is not None:
            raise self._error
        return self.stored

    def _part_stored(self) -> Observable[Response]:
        attempts = 0

        def attempt(_: object) -> Observable[Response]:
            nonlocal attempts
            attempts += 1
            if attempts == 1:
                return self._post(0)
            # Perhaps all of it arrived, and only the answer was lost.
            return self.send(self.probe()).pipe(ops.flat_map(resume))

        def resume(answer: Response) -> Observable[Response]:
            is_there = decode_probe(answer) + 1 - self.stored
            return self._post(min(max(is_there, 0), len(self._part)))

        return retried(rx.defer(attempt), self.wait)

    def _post(self, skipped: int) -> Observable[Response]:
        return self.send(self.ingest(self.stored + skipped), content=self._body(skipped))

    async def _body(self, skipped: int) -> AsyncIterator[bytes]:
        sent = skipped
        while True:
            while sent < len(self._part):
                sent += 1
                yield self._part[sent - 1]
            is_full = len(self._part) >= PART_CHUNKS or self._size >= PART_BYTES
            if is_full or not await self._has_more(PART_SILENCE):
                return
            self._take()

    async def _has_more(self, patience: float | None = None) -> bool:
        """Tell whether another line is there, or comes in time. It is not lost if nobody waits."""
        if self._is_over:
            return False
        if self._next is None:
            self._next = asyncio.ensure_future(anext(self.lines, None))
        done, _ = await asyncio.wait([self._next], timeout=patience)
        if not done:
            return False
        if self._next.cancelled() or self._next.exception() or self._next.result() is None:
            self._is_over = True
            self._error = None if self._next.cancelled() else self._next.exception()
            self._next = None
        return not self._is_over

    def _take(self) -> None:
        assert self._next is not None
        line = self._next.result()
        assert line is not None
        self._part.append(line)
        self._size += len(line)
        self._next = None


def _is_passing(error: BaseException) -> bool:
    match error:
        case Refused():
            return error.status in _PASSING
        case ConnectFailed():
            return error.transient
        case ConnectionLost() | Stalled():
            return True
        case _:
            return False
