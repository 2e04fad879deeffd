"""POST /v1/realtime/publish and its tee: take in what subscribers are to get."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from pydantic_core import to_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ...wire.inngest.api import MAX_CHUNK, MAX_CHUNKS, MAX_PAYLOAD
from ...wire.inngest.ulid import is_ulid
from ..answers import error
from ..body import read_body
from .auth import refuse_publisher
from .engine import Inngest

__all__ = ["publish"]

_MAX_STREAM = MAX_CHUNK * MAX_CHUNKS

_logger = logging.getLogger(__name__)

#: JSON's white space, and the strings whose white space is none of it.
_SPACE = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+')


async def publish(inngest: Inngest, request: Request) -> Response:
    """Publish the body: JSON or text as one message, `text/stream` piece by piece."""
    if (refusal := refuse_publisher(inngest, request)) is not None:
        return refusal
    query = request.query_params
    # Of several topics only the first counts, there as here.
    channel = _first(request, "channel")
    topic = _first(request, "topic")
    run_id = query.get("run_id", "")
    about: dict[str, Any] = {"run_id": run_id if is_ulid(run_id) else None}
    if metadata := query.get("metadata"):
        try:
            about["metadata"] = json.loads(metadata, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            # The real server says nothing at all, and publishes nothing.
            _logger.warning("a message on %.80r was dropped: its metadata is no JSON", topic)
            return Response()
    if request.headers.get("content-type") == "text/stream":
        return await _publish_stream(inngest, request, channel, topic, about)
    body = await read_body(request, MAX_PAYLOAD)
    if body is None:
        return error(f"Message is over {MAX_PAYLOAD} bytes", 413)
    try:
        inngest.publisher.say(channel, topic, _as_json(body), **about)
    except RecursionError:
        return error("Message is nested too deeply", 400)
    return Response()


async def _publish_stream(
    inngest: Inngest, request: Request, channel: str, topic: str, about: dict[str, Any]
) -> Response:
    stream = inngest.publisher.stream(channel, topic, **about)
    writes, room = 0, _MAX_STREAM
    try:
        async for data in request.stream():
            stream.write(data[:room])
            writes, room = writes + 1, room - len(data)
            if room < 0 or writes > MAX_CHUNKS + 1:  # the last one is the end, and empty
                # The real server answers 200 and throws the rest away.
                return error(f"Stream is over {MAX_CHUNKS} writes or {_MAX_STREAM} bytes", 413)
    except ClientDisconnect:
        _logger.info("the publisher of a text stream on %.80r went away", topic)
    finally:
        stream.close()
    return Response()


def _as_json(body: bytes) -> bytes:
    """Return JSON as it is, without the white space that would break frames; else a string.

    Raises:
        RecursionError: if it is nested more deeply than we can check.
    """
    text = body.decode("utf-8", "replace")
    try:
        # Only whether it is JSON is asked: numbers stay the digits they are, however many.
        json.loads(text, parse_int=len, parse_float=len, parse_constant=_refuse_constant)
    except ValueError:
        return to_json(text)
    return _SPACE.sub(r"\1", text).encode()


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _first(request: Request, name: str) -> str:
    return next(iter(request.query_params.getlist(name)), "")
