"""POST /api/v1/tasks/{task}/trigger, and what batches share with it: making a run of a request."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from ...errors import LocalError, PayloadError
from ...wire.trigger.answers import encode_error
from ...wire.trigger.claims import PublicClaims
from ...wire.trigger.durations import parse_duration
from ...wire.trigger.encode_packets import JSON, Packet
from ...wire.trigger.scopes import Scope, scope
from ..answers import json_answer
from ..body import read_body
from .auth import forbid, identify
from .engine import Trigger
from .keys import Caller
from .runs import TaskRun, now
from .stream_store import StreamsVersion

__all__ = [
    "MAX_TAG",
    "Body",
    "Options",
    "due_at",
    "make_run",
    "streams_version",
    "token_headers",
    "trigger_task",
]

MAX_TAG = 128
_HOUR = 3600


class Options(BaseModel):
    """What somebody wants of a run besides its payload; what we do not act upon is let pass."""

    payloadType: str = JSON  # noqa: N815 - the wire's names
    tags: str | list[str] | None = None
    idempotencyKey: str | None = None  # noqa: N815
    idempotencyKeyTTL: str | None = None  # noqa: N815
    delay: str | None = None
    ttl: str | int | None = None
    metadata: Any = None
    metadataType: str = JSON  # noqa: N815
    parentRunId: str | None = None  # noqa: N815
    test: bool | None = None


class Body(BaseModel):
    """A request to trigger a task."""

    payload: Any = None
    options: Options | None = None


_BODY = TypeAdapter(Body)


async def trigger_task(trigger: Trigger, request: Request) -> Response:
    """Trigger a task, unless this very request was seen before."""
    task: str = request.path_params["task"]
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    body = await read_body(request, trigger.limits.max_payload)
    if body is None:
        return json_answer(encode_error("Request body too large"), 413)
    try:
        wanted = _BODY.validate_json(body)
    except ValidationError as error:
        why = f"Validation error: {error.errors()[0]['msg']}"
        return json_answer(encode_error(why), 400)
    if (refusal := forbid(caller, Scope("trigger", "tasks", task))) is not None:
        return refusal
    # The same for every attempt of one call, so that a lost answer makes no second run.
    attempt = request.headers.get("x-trigger-request-idempotency-key")
    before = trigger.triggered.get("attempt", task, attempt) if attempt else None
    if before is not None:
        return _triggered(trigger, caller, before, cached=False)
    if not trigger.keys.spend(caller):
        why = f"Cannot trigger {task} with a one-time use token as it has already been used."
        return json_answer(encode_error(why), 422)
    try:
        run, cached = make_run(
            trigger,
            task,
            wanted.payload,
            wanted.options or Options(),
            streams_version=streams_version(request),
        )
    except LocalError as error:
        return json_answer(encode_error(str(error)), 422)
    if attempt:
        trigger.triggered.put(run.id, "attempt", task, attempt)
    return _triggered(trigger, caller, run.id, cached=cached)


def make_run(
    trigger: Trigger,
    task: str,
    payload: Any,
    options: Options,
    *,
    batch_id: str | None = None,
    streams_version: StreamsVersion = "v1",
) -> tuple[TaskRun, bool]:
    """Return a new run, or the one that was made under the same key; and whether it is that one.

    Raises:
        LocalError: if the server takes no such run; in the vendor's words.
    """
    key = options.idempotencyKey
    before = trigger.triggered.get("task", task, key) if key else None
    if before is not None and (run := trigger.runs.get(before)) is not None:
        return run, True
    tags = _tags(options.tags, trigger.limits.max_tags)
    delay_until = None if options.delay is None else due_at(options.delay)
    packet = _packet(payload, options.payloadType)
    about = _packet(options.metadata, options.metadataType)
    if about.data is not None and len(about.data.encode()) > trigger.limits.max_metadata:
        limit = trigger.limits.max_metadata
        raise PayloadError(f"Metadata exceeds maximum size of {limit} bytes")
    columns: dict[str, Any] = {}
    if delay_until is not None:
        columns = {"status": "DELAYED", "delay_until": delay_until, "queued_at": None}
    run = trigger.runs.create(
        task,
        batch_id=batch_id,
        parent=trigger.runs.get(options.parentRunId) if options.parentRunId else None,
        payload=packet.data,
        payload_type=packet.type,
        metadata=about.data,
        metadata_type=about.type,
        run_tags=tags,
        ttl=f"{options.ttl}s" if isinstance(options.ttl, int) else options.ttl,
        is_test=bool(options.test),
        streams_version=streams_version,
        **columns,
    )
    if key:
        lifetime = parse_duration(options.idempotencyKeyTTL or "")
        trigger.triggered.put(run.id, "task", task, key, lifetime=lifetime)
    trigger.tasks.start(run)
    return run, False


def streams_version(request: Request) -> StreamsVersion:
    """Return in which dialect whoever triggers a run wants to read its streams."""
    return "v2" if request.headers.get("x-trigger-realtime-streams-version") == "v2" else "v1"


def token_headers(trigger: Trigger, caller: Caller, *scopes: str) -> dict[str, str]:
    """Return the headers with a token for what was triggered, as whoever triggered it may see."""
    claims = PublicClaims(
        env=trigger.env,
        scopes=scopes,
        skip_columns=None if caller.claims is None else caller.claims.skip_columns,
    )
    said: dict[str, Any] = {"sub": trigger.env, "pub": True, "scopes": scopes}
    if claims.skip_columns is not None:
        said["realtime"] = {"skipColumns": claims.skip_columns}
    return {
        "x-trigger-jwt-claims": to_json(said).decode(),
        "x-trigger-jwt": trigger.keys.mint(claims, expires_at=int(time.time()) + _HOUR),
        "access-control-expose-headers": "x-trigger-jwt-claims, x-trigger-jwt",
    }


def _triggered(trigger: Trigger, caller: Caller, run_id: str, *, cached: bool) -> Response:
    scopes = scope("read", "runs", run_id), scope("write", "inputStreams", run_id)
    headers = token_headers(trigger, caller, *scopes)
    return json_answer(to_json({"id": run_id, "isCached": cached}), headers=headers)


def _packet(value: Any, kind: str) -> Packet:
    if value is None:
        return Packet(None, kind)
    if isinstance(value, str):
        return Packet(value, kind)  # encoded already
    return Packet(to_json(value).decode(), JSON)


def _tags(given: str | list[str] | None, limit: int) -> tuple[str, ...]:
    tags = (given,) if isinstance(given, str) else tuple(dict.fromkeys(given or ()))
    if len(tags) > limit:
        raise PayloadError(f"Runs can only have {limit} tags, you're trying to set {len(tags)}.")
    if any(not 0 < len(tag) <= MAX_TAG for tag in tags):
        raise PayloadError(f"Tags must be between 1 and {MAX_TAG} characters long")
    return tags


def due_at(given: str) -> datetime | None:
    """Return when a delay is over; None if it is by now.

    Raises:
        PayloadError: if it is neither a duration nor a time.
    """
    duration = parse_duration(given)
    try:
        until = datetime.fromisoformat(given) if duration is None else now() + duration
    except (ValueError, OverflowError):
        raise PayloadError(f"Invalid delay {given}") from None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return until if until > now() else None
