"""GET /realtime/v1/streams/{run}/{key}: a stream as server-sent events, in either dialect.

Every reader reads the log at a place of their own: nothing waits for anybody in a queue, and one
who stops reading delays nobody.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...wire.trigger.answers import encode_error
from ...wire.trigger.encode_streams import (
    LINE_PING,
    StoredRecord,
    encode_batch,
    encode_lines,
    encode_ping,
    entry_after,
    number_after,
)
from ..answers import json_answer
from ..hanging_up import hang_up
from ..racing import first_of, never
from .engine import Trigger
from .run_stream import RunStream
from .stream_body import StreamBody
from .stream_store import StreamsVersion

__all__ = ["CORS", "read_stream"]

#: The real server opens what may be read with a token to every page there is.
CORS: Final = {"access-control-allow-origin": "*", "access-control-expose-headers": "*"}
_EVENTS: Final = {
    **CORS,
    "content-type": "text/event-stream",
    "cache-control": "no-cache",
    "connection": "keep-alive",
}

_MAX_TIMEOUT: Final = 600
#: What one event holds at most, and so what a reader who does not read has in memory.
_BATCH: Final = 1000
_BATCH_BYTES: Final = 256 * 1024
#: Seconds by which a clock may be early.
_EARLY: Final = 0.001
_INTEGER: Final = re.compile("[+-]?[0-9]{1,9}")

End = Literal["left", "broken", "ended"]


def read_stream(
    trigger: Trigger, request: Request, stream: RunStream, version: StreamsVersion
) -> Response:
    """Let somebody read who may, or answer why they asked in vain."""
    timeout = _timeout(request)
    if isinstance(timeout, Response):
        return timeout
    if trigger.streams.readers >= trigger.limits.max_readers:
        return json_answer(encode_error("Too many concurrent requests"), 429, CORS)
    body = StreamBody("read", stream.written)
    body.position = _start(request, stream, version)
    return _Events(
        trigger, request, stream, body, version, timeout or trigger.limits.stream_timeout
    )


def _timeout(request: Request) -> int | Response | None:
    """Return how many seconds a reader wants to wait for more; None if they do not say."""
    given = request.headers.get("timeout-seconds")
    if given is None:
        return None
    if not _INTEGER.fullmatch(given):
        return _wrong("Invalid timeout seconds")
    seconds = int(given)
    if seconds < 0:
        return _wrong("Timeout seconds must be greater than 0")
    if seconds > _MAX_TIMEOUT:
        return _wrong("Timeout seconds must be less than 600")
    return seconds or None


def _wrong(text: str) -> Response:
    return Response(text, 400, CORS, media_type="text/plain")


def _start(request: Request, stream: RunStream, version: StreamsVersion) -> int:
    """Return the number of the first record that a reader wants."""
    log, last = stream.log, request.headers.get("last-event-id")
    if _is_for_latest(request):
        return log.tail
    first = number_after(last) if version == "v2" else log.after(entry_after(last))
    return min(first, log.tail)


def _is_for_latest(request: Request) -> bool:
    headers = request.headers
    return headers.get("x-trigger-stream-start") == "latest" and not headers.get("last-event-id")


class _Events(Response):
    """A body that goes on while its reader listens and something is written."""

    def __init__(
        self,
        trigger: Trigger,
        request: Request,
        stream: RunStream,
        body: StreamBody,
        version: StreamsVersion,
        timeout: float,
    ) -> None:
        named = {"x-stream-version": "v2"} if version == "v2" else {}
        super().__init__(headers={**_EVENTS, **named})
        del self.headers["content-length"]
        self._trigger = trigger
        self._stream = stream
        self._body = body
        self._is_new = version == "v2"
        self._tells_tail = self._is_new and _is_for_latest(request)
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell the reader everything until one of the two has enough."""
        trigger, body = self._trigger, self._body
        with trigger.faults.streams.befalling(body), self._stream.read_by(body):
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            end = await first_of(
                _until_gone(receive), _cut(body), _closing(trigger), self._tell(send)
            )
        if end == "broken":
            await hang_up(scope, receive)

    async def _tell(self, send: Send) -> End:
        """Send what there is; then wait for more, and say now and then that we are there."""
        stream, body, clock = self._stream, self._body, self._trigger.streams.clock
        limits = self._trigger.limits
        if body.left == 0:
            return "broken"
        # Where the latest is, for who wants to go on from there after a break.
        if self._tells_tail and not await self._say(send, self._encoded([])):
            return "broken"
        told_at = heard_at = clock.now
        while True:
            if said := self._next():
                if not await self._say(send, said):
                    return "broken"
                told_at = heard_at = clock.now
                continue
            left = told_at + self._timeout - clock.now
            until_ping = heard_at + limits.stream_ping - clock.now
            if left <= _EARLY:
                await send({"type": "http.response.body", "body": b""})
                return "ended"
            if until_ping <= _EARLY:
                ping = encode_ping(int(clock.now * 1000)) if self._is_new else LINE_PING
                if not await self._say(send, ping):
                    return "broken"
                heard_at = clock.now
                continue
            with stream.awaited_by(body):
                more = stream.written.until(self._has_more)
                await clock.wait(more, min(left, until_ping))

    def _has_more(self) -> bool:
        return self._stream.log.tail > self._body.position or bool(self._body.injected)

    def _next(self) -> bytes:
        """Return what is to be said next, if anything is, and stand behind it."""
        body, log = self._body, self._stream.log
        injected, body.injected = body.injected, []
        if injected and self._is_new:
            return b"".join(injected)
        log.expire(self._trigger.streams.clock.now)
        records = log.read(body.position, count=_BATCH, size=_BATCH_BYTES)
        body.position = records[-1].number + 1 if records else log.tail
        return self._encoded(records) if records else b""

    def _encoded(self, records: list[StoredRecord]) -> bytes:
        log = self._stream.log
        if self._is_new:
            return encode_batch(records, tail=log.tail, at=log.written_at)
        return encode_lines(records)

    async def _say(self, send: Send, data: bytes) -> bool:
        """Send some bytes; False if there is an end to what may be sent."""
        body = self._body
        if body.is_stalled:
            await never()
        if body.left is not None:
            data, body.left = data[: body.left], body.left - len(data)
        await send({"type": "http.response.body", "body": data, "more_body": True})
        return body.left is None or body.left > 0


async def _until_gone(receive: Receive) -> End:
    while (await receive())["type"] != "http.disconnect":
        pass
    return "left"


async def _cut(body: StreamBody) -> End:
    await body.until_cut_off()
    return "broken"


async def _closing(trigger: Trigger) -> End:
    await trigger.closing.wait()
    return "broken"  # an end would say that nothing more comes
