"""GET /realtime/v1/streams/{run}/{key}: where a reader wants to begin, and how long to wait."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from ...wire.trigger.answers import encode_error
from ...wire.trigger.encode_streams import encode_batch, entry_after, number_after
from ..answers import json_answer
from .engine import Trigger
from .run_stream import RunStream
from .stream_body import StreamBody
from .stream_events import CORS, StreamEvents
from .stream_store import StreamsVersion

__all__ = ["read_stream"]

_MAX_TIMEOUT: Final = 600
_INTEGER: Final = re.compile("[+-]?[0-9]{1,9}")


def read_stream(
    trigger: Trigger, request: Request, stream: RunStream, version: StreamsVersion
) -> Response:
    """Let somebody read who may, or answer why they asked in vain."""
    timeout = _timeout(request)
    if isinstance(timeout, Response):
        return timeout
    if trigger.streams.readers >= trigger.limits.max_readers:
        return json_answer(encode_error("Too many concurrent requests"), 429, CORS)
    body, log = StreamBody("read", stream.written), stream.log
    last = request.headers.get("last-event-id")
    if not last and request.headers.get("x-trigger-stream-start") == "latest":
        body.position = log.tail
        # Where that is, for who breaks off before anything came.
        body.injected.append(encode_batch([], tail=log.tail, at=log.written_at))
    else:
        first = number_after(last) if version == "v2" else log.after(entry_after(last))
        body.position = min(first, log.tail)
    seconds = timeout or trigger.limits.stream_timeout
    return StreamEvents(trigger, stream, body, version, seconds)


def _timeout(request: Request) -> int | Response:
    """Return how many seconds a reader wants to wait for more; 0 if they do not say."""
    given = request.headers.get("timeout-seconds", "0")
    if not _INTEGER.fullmatch(given):
        return _wrong("Invalid timeout seconds")
    seconds = int(given)
    if seconds < 0:
        return _wrong("Timeout seconds must be greater than 0")
    if seconds > _MAX_TIMEOUT:
        return _wrong("Timeout seconds must be less than 600")
    return seconds


def _wrong(text: str) -> Response:
    return Response(text, 400, CORS, media_type="text/plain")
