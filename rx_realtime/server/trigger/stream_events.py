"""The body that a stream's reader is sent, for as long as they listen and something is written.

Every reader reads the log at a place of their own: nothing waits for anybody in a queue, and one
who stops reading delays nobody.
"""

from __future__ import annotations

from typing import Final, Literal

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...wire.trigger.encode_streams import LINE_PING, encode_batch, encode_lines, encode_ping
from ..hanging_up import hang_up
from ..racing import first_of, never
from .engine import Trigger
from .run_stream import RunStream
from .stream_body import StreamBody
from .stream_store import StreamsVersion

__all__ = ["CORS", "StreamEvents"]

#: The real server opens what may be read with a token to every page there is.
CORS: Final = {"access-control-allow-origin": "*", "access-control-expose-headers": "*"}
_HEADERS: Final = {
    **CORS,
    "content-type": "text/event-stream",
    "cache-control": "no-cache",
    "connection": "keep-alive",
}

#: What one event holds at most, and so what is in memory for a reader who does not read.
_BATCH: Final = 1000
_BATCH_BYTES: Final = 256 * 1024
#: Seconds by which a clock may be early.
_EARLY: Final = 0.001

End = Literal["left", "broken", "ended"]


class StreamEvents(Response):
    """A stream as server-sent events, in either dialect.

    Args:
        body: where it begins, and what befalls it.
        timeout: seconds without a record after which it ends.
    """

    def __init__(
        self,
        trigger: Trigger,
        stream: RunStream,
        body: StreamBody,
        version: StreamsVersion,
        timeout: float,
    ) -> None:
        named = {"x-stream-version": "v2"} if version == "v2" else {}
        super().__init__(headers={**_HEADERS, **named})
        del self.headers["content-length"]
        self._trigger = trigger
        self._stream = stream
        self._body = body
        self._is_new = version == "v2"
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
        told_at = heard_at = clock.now
        while body.left != 0:
            if said := self._next():
                await self._say(send, said)
                told_at = heard_at = clock.now
                continue
            left = told_at + self._timeout - clock.now
            until_ping = heard_at + self._trigger.limits.stream_ping - clock.now
            if left <= _EARLY:
                await self._say(send, b"", is_last=True)
                return "ended"
            if until_ping <= _EARLY:
                await self._say(send, self._ping())
                heard_at = clock.now
                continue
            with stream.awaited_by(body):
                await clock.wait(stream.written.until(self._has_more), min(left, until_ping))
        return "broken"

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
        if self._is_new and records:
            return encode_batch(records, tail=log.tail, at=log.written_at)
        return encode_lines(records)

    def _ping(self) -> bytes:
        at = int(self._trigger.streams.clock.now * 1000)
        return encode_ping(at) if self._is_new else LINE_PING

    async def _say(self, send: Send, data: bytes, *, is_last: bool = False) -> None:
        """Send some bytes, or as many of them as may be sent."""
        body = self._body
        if body.is_stalled:
            await never()
        if body.left is not None:
            data = data[: body.left]
            body.left -= len(data)
        await send({"type": "http.response.body", "body": data, "more_body": not is_last})


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
