"""/realtime/v1/streams/…: which request about a stream leads where, and who may make it.

A stream's name is one part of the path, whatever characters it has, so it is taken from the path
as it was sent.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ...wire.trigger.scopes import Scope
from .auth import forbid, identify, readers_of
from .engine import Trigger
from .feeds import missing
from .run_stream import INPUT
from .runs import TaskRun
from .stream_reading import read_stream
from .stream_writing import (
    append_chunk,
    create_stream,
    ingest_lines,
    probe_stream,
    send_input,
    text,
)

__all__ = ["STREAMS", "answer_stream"]

STREAMS: Final = "/realtime/v1/streams/"


async def answer_stream(trigger: Trigger, request: Request) -> Response:
    """Answer a request about a stream."""
    if (refusal := trigger.faults.streams.refusal(request.method)) is not None:
        return refusal
    match request.method, *_parts(request):
        case "GET", run_id, key:
            return _read(trigger, request, run_id, key)
        case "GET", run_id, "input", key:
            return _read(trigger, request, run_id, INPUT + key)
        case "POST", run_id, "input", key:
            return await _send(trigger, request, run_id, key)
        case (("PUT" | "POST" | "HEAD"), run_id, target, key):
            return await _write(trigger, request, run_id, target, key)
        case "POST", run_id, target, key, "append":
            return await _write(trigger, request, run_id, target, key, is_append=True)
        case _:
            raise HTTPException(405)


def _parts(request: Request) -> list[str]:
    scope = request.scope
    path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    rest = path.decode("latin-1").partition(STREAMS)[2]
    return [unquote(part) for part in rest.split("/")]


def _read(trigger: Trigger, request: Request, run_id: str, key: str) -> Response:
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    if (run := trigger.runs.get(run_id)) is None:
        return missing(retry=False)
    if (refusal := forbid(caller, *readers_of(run))) is not None:
        return refusal
    version = trigger.streams.version or run.streams_version
    return read_stream(trigger, request, run.stream(key), version)


async def _send(trigger: Trigger, request: Request, run_id: str, key: str) -> Response:
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    if (refusal := forbid(caller, Scope("write", "inputStreams", run_id))) is not None:
        return refusal
    return await send_input(trigger, request, trigger.runs.get(run_id), INPUT + key)


async def _write(
    trigger: Trigger,
    request: Request,
    run_id: str,
    target: str,
    key: str,
    *,
    is_append: bool = False,
) -> Response:
    caller = identify(trigger, request, tokens=False)
    if isinstance(caller, Response):
        return caller
    if (run := trigger.runs.get(run_id)) is None:
        return text("Run not found", 404)
    if (aim := _target(run, target)) is None:
        return text("Target not found", 404)
    stream = aim.stream(key)
    match request.method:
        case "PUT":
            return create_stream(aim, key)
        case "HEAD":
            return probe_stream(request, stream)
        case _ if is_append:
            return await append_chunk(trigger, request, aim, stream)
        case _:
            return await ingest_lines(trigger, request, stream)


def _target(run: TaskRun, target: str) -> TaskRun | None:
    """Return the run whose stream is meant; None if there is none."""
    match target:
        case "self":
            return run
        case "parent":
            return run.parent
        case "root":
            root = run.parent
            while root is not None and root.parent is not None:
                root = root.parent
            return root
        case _:
            return None
