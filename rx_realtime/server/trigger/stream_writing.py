"""Streams are made, written line by line or in one piece, and told what a run waits for."""

from __future__ import annotations

import re
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ...wire.trigger.answers import encode_error
from ...wire.trigger.encode_streams import as_json
from ..answers import json_answer
from ..body import read_body
from ..hanging_up import hang_up
from ..racing import first_of
from .engine import Trigger
from .ids import new_part_id
from .run_stream import RunStream
from .runs import TaskRun
from .stream_body import StreamBody
from .stream_events import CORS
from .stream_log import NewRecord

__all__ = ["append_chunk", "create_stream", "ingest_lines", "probe_stream", "send_input"]

_COUNT: Final = re.compile("[0-9]{1,15}")
_TOO_LARGE: Final = "Request body too large"


class _Input(BaseModel):
    data: Any = None


_INPUT = TypeAdapter(_Input)


def create_stream(run: TaskRun, key: str) -> Response:
    """PUT …/{target}/{key}: announce a stream. Where it is written to is here."""
    if run.is_over:
        return text("Cannot initialize a realtime stream on a completed run", 400)
    run.announce_stream(key)
    return json_answer(to_json({"version": "v1"}), 202)


def probe_stream(request: Request, stream: RunStream) -> Response:
    """HEAD …/{target}/{key}: which of a writer's chunks is the last that is stored."""
    last = stream.log.last_chunk(request.headers.get("x-client-id", ""))
    return Response(headers={"x-last-chunk-index": str(last)})


async def append_chunk(
    trigger: Trigger, request: Request, run: TaskRun, stream: RunStream
) -> Response:
    """POST …/{target}/{key}/append: text, whose length is known before; also where it is JSON."""
    limit = trigger.limits.max_append
    length = request.headers.get("content-length", "")
    body = await read_body(request, limit)
    if body is None or not _COUNT.fullmatch(length):
        return json_answer(encode_error(_TOO_LARGE), 413)
    if run.is_over:
        return text("Cannot append to a realtime stream on a completed run", 400)
    run.announce_stream(stream.key)
    said = to_json(body.decode("utf-8", "replace"))
    stream.store([NewRecord(said, request.headers.get("x-part-id") or new_part_id())])
    return json_answer(to_json({"ok": True}))


async def send_input(trigger: Trigger, request: Request, run: TaskRun | None, key: str) -> Response:
    """POST …/input/{key}: a message to a run. It is stored as the text of its JSON."""
    body = await read_body(request, trigger.limits.max_input)
    if body is None:
        return json_answer(encode_error(_TOO_LARGE), 413, CORS)
    try:
        message = _INPUT.validate_json(body)
    except ValidationError:
        return _refused("Invalid request body", 400)
    if run is None:
        return _refused("Run not found", 404)
    if run.is_over:
        return _refused("Cannot send to input stream on a completed run", 400)
    run.stream(key).store([NewRecord(to_json(to_json(message.data).decode()), new_part_id())])
    return json_answer(to_json({"ok": True}), headers=CORS)


async def ingest_lines(trigger: Trigger, request: Request, stream: RunStream) -> Response:
    """POST …/{target}/{key}: chunks as they come, one on each line.

    What came is kept if the body breaks off, and what a writer sends again is not stored again.
    """
    first = request.headers.get("x-resume-from-chunk", "0")
    if not _COUNT.fullmatch(first):
        return text("Invalid X-Resume-From-Chunk header", 400)
    body = StreamBody("write", stream.written)
    ingest = _Ingest(trigger, request, stream, body, int(first))
    with trigger.faults.streams.befalling(body):
        answer = await first_of(ingest.run(), _cut(body), _closing(trigger))
    if answer is None:
        await hang_up(request.scope, request.receive)
    return answer or text("The connection was broken off", 503)


class _Ingest:
    """Lines on their way into a log."""

    def __init__(
        self, trigger: Trigger, request: Request, stream: RunStream, body: StreamBody, first: int
    ) -> None:
        self._trigger = trigger
        self._request = request
        self._stream = stream
        self._body = body
        self._next = first
        self._writer = request.headers.get("x-client-id")

    async def run(self) -> Response | None:
        """Store them; return the answer, or None if there is to be none."""
        body, rest = self._body, b""
        if body.left == 0:
            return None
        try:
            async for piece in self._request.stream():
                *lines, rest = (rest + piece).split(b"\n")
                if not self._store(lines):
                    return None
                if len(rest) > self._trigger.limits.max_chunk:
                    return json_answer(encode_error(_TOO_LARGE), 413)
        except ClientDisconnect:  # the last line may be half of one: it will come again
            return None
        is_whole = self._store([rest])
        return Response() if is_whole and not body.is_unanswered else None

    def _store(self, lines: list[bytes]) -> bool:
        """Store lines that came together; False if the connection is to break off now."""
        new = list[NewRecord]()
        body = self._body
        for line in lines:
            if not line.strip():
                continue
            index, self._next = self._next, self._next + 1
            if self._writer is None:
                new.append(NewRecord(as_json(line), new_part_id()))
            elif index > self._stream.log.last_chunk(self._writer):
                new.append(NewRecord(as_json(line), f"{self._writer}:{index}"))
                self._stream.log.took_chunk(self._writer, index)
            if body.left is not None:
                body.left -= 1
                if not body.left:
                    break
        if new:
            self._stream.store(new)
        return body.left != 0


async def _cut(body: StreamBody) -> Response | None:
    await body.until_cut_off()
    return None


async def _closing(trigger: Trigger) -> Response | None:
    await trigger.closing.wait()
    return None


def text(words: str, status: int) -> Response:
    """Answer in plain words, as the real server does about streams."""
    return Response(words, status, media_type="text/plain")


def _refused(why: str, status: int) -> Response:
    return json_answer(to_json({"ok": False, "error": why}), status, CORS)
