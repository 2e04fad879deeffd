"""Batches over HTTP: made, or made and filled in one request; and shown."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from ...errors import LocalError
from ...wire.trigger.answers import encode_error
from ...wire.trigger.scopes import Scope, scope
from ..answers import json_answer
from ..body import read_body
from .auth import forbid, identify
from .batches import Batch
from .engine import Trigger
from .feeds import missing
from .filling import Item
from .keys import Caller
from .triggering import Options, make_run, streams_version, token_headers

__all__ = ["create_batch", "retrieve_batch", "trigger_batch"]

_MAX_HEAD = 131_072


class _Create(BaseModel):
    runCount: int = Field(gt=0)  # noqa: N815 - the wire's names
    taskIdentifiers: list[str] | None = None  # noqa: N815
    idempotencyKey: str | None = None  # noqa: N815


class _Whole(BaseModel):
    items: list[Item]


_CREATE, _WHOLE = TypeAdapter(_Create), TypeAdapter(_Whole)


async def create_batch(trigger: Trigger, request: Request) -> Response:
    """POST /api/v3/batches: make a batch that is filled by the next request."""
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    body = await read_body(request, _MAX_HEAD)
    if body is None:
        return json_answer(encode_error("Request body too large"), 413)
    try:
        wanted = _CREATE.validate_json(body)
    except ValidationError as error:
        return json_answer(encode_error(f"Validation error: {error.errors()[0]['msg']}"), 400)
    if (refusal := _forbid_tasks(caller, wanted.taskIdentifiers)) is not None:
        return refusal
    if (refusal := _too_many(trigger, wanted.runCount)) is not None:
        return refusal
    key = wanted.idempotencyKey
    before = trigger.triggered.get("batch", key) if key else None
    if before is not None and (batch := trigger.batches.get(before)) is not None:
        return _created(trigger, request, caller, batch, cached=True)
    if not trigger.keys.spend(caller):
        why = "Cannot create batch with a one-time use token as it has already been used."
        return json_answer(encode_error(why), 422)
    batch = trigger.batches.create(wanted.runCount, idempotency_key=key)
    if key:
        trigger.triggered.put(batch.id, "batch", key)
    return _created(trigger, request, caller, batch, cached=False)


async def trigger_batch(trigger: Trigger, request: Request) -> Response:
    """POST /api/v2/tasks/batch: a whole batch at once."""
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    body = await read_body(request, trigger.limits.max_payload)
    if body is None:
        return json_answer(encode_error("Request body too large"), 413)
    try:
        items = _WHOLE.validate_json(body).items
    except ValidationError as error:
        return json_answer(encode_error(f"Validation error: {error.errors()[0]['msg']}"), 400)
    if not items:
        return json_answer(encode_error("Batch cannot be triggered with no items"), 400)
    if (refusal := _forbid_tasks(caller, [item.task for item in items])) is not None:
        return refusal
    if (refusal := _too_many(trigger, len(items))) is not None:
        return refusal
    if not trigger.keys.spend(caller):
        why = "Cannot batch trigger with a one-time use token as it has already been used."
        return json_answer(encode_error(why), 422)
    batch = trigger.batches.create(len(items))
    try:
        for index, item in enumerate(items):
            options = item.options or Options()
            run, _ = make_run(
                trigger,
                item.task,
                item.payload,
                options,
                batch_id=batch.id,
                streams_version=streams_version(request),
            )
            batch.runs[index] = run.id
    except LocalError as error:
        return json_answer(encode_error(str(error)), 422)
    headers = _headers(trigger, request, caller, batch)
    return json_answer(to_json({"id": batch.id, "runCount": batch.run_count}), 202, headers)


async def retrieve_batch(trigger: Trigger, request: Request) -> Response:
    """GET /api/v2/batches/{id}."""
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    batch = trigger.batches.get(request.path_params["batch_id"])
    if batch is None:
        return missing(retry=True)
    needed = Scope("read", "batch", batch.id), Scope("read", "runs")
    if (refusal := forbid(caller, *needed)) is not None:
        return refusal
    found = [trigger.runs.get(run_id) for run_id in batch.run_ids]
    over = batch.is_sealed and all(run is None or run.is_over for run in found)
    said: dict[str, Any] = {
        "id": batch.id,
        "status": "COMPLETED" if over else "PROCESSING" if batch.is_sealed else "PENDING",
        "createdAt": batch.created_at,
        "updatedAt": batch.updated_at,
        "runCount": batch.run_count,
        "runs": batch.run_ids,
        "processing": {"errors": []},
    }
    if batch.idempotency_key is not None:
        said["idempotencyKey"] = batch.idempotency_key
    return json_answer(to_json(said))


def _forbid_tasks(caller: Caller, tasks: list[str] | None) -> Response | None:
    """Refuse who may trigger neither any batch nor each of these tasks."""
    broad = Scope("batchTrigger", "batch"), Scope("batchTrigger", "tasks")
    if caller.may(*broad):
        return None
    for task in tasks or ():
        if (refusal := forbid(caller, *broad, Scope("batchTrigger", "tasks", task))) is not None:
            return refusal
    return None if tasks else forbid(caller, *broad)


def _too_many(trigger: Trigger, count: int) -> Response | None:
    limit = trigger.limits.max_batch
    if count <= limit:
        return None
    why = f"Batch runCount of {count} exceeds maximum allowed of {limit}."
    return json_answer(encode_error(why), 400)


def _created(
    trigger: Trigger, request: Request, caller: Caller, batch: Batch, *, cached: bool
) -> Response:
    said: dict[str, Any] = {"id": batch.id, "runCount": batch.run_count, "isCached": cached}
    if batch.idempotency_key is not None and not cached:
        said["idempotencyKey"] = batch.idempotency_key
    status = 200 if cached else 202
    return json_answer(to_json(said), status, _headers(trigger, request, caller, batch))


def _headers(trigger: Trigger, request: Request, caller: Caller, batch: Batch) -> dict[str, str]:
    scopes = [scope("read", "batch", batch.id)]
    # A browser must not keep the token it came with for the second request.
    is_browser = request.headers.get("x-trigger-client") == "browser"
    if is_browser and caller.may(Scope("batchTrigger", "tasks")):
        scopes.append(scope("write", "batch", batch.id))
    return token_headers(trigger, caller, *scopes)
