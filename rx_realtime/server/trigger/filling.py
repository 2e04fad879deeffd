"""POST /api/v3/batches/{id}/items: the runs of a batch, one on each line.

A client that lost the answer sends all of them again, and each index counts once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from ...errors import LocalError, PayloadError
from ...wire.trigger.answers import encode_error
from ...wire.trigger.scopes import Scope
from ..answers import json_answer
from .auth import identify
from .batches import Batch
from .engine import Trigger
from .triggering import Options, make_run, streams_version

__all__ = ["Item", "fill_batch"]

_NDJSON = ("application/x-ndjson", "application/ndjson")


class Item(BaseModel):
    """A run that is to be triggered in a batch."""

    task: str
    payload: Any = None
    options: Options | None = None


class _Line(Item):
    index: int = Field(ge=0)


_LINE = TypeAdapter(_Line)


async def fill_batch(trigger: Trigger, request: Request) -> Response:
    """Trigger the runs as their lines come in."""
    if not request.headers.get("content-type", "").startswith(_NDJSON):
        why = "Content-Type must be application/x-ndjson or application/ndjson"
        return json_answer(encode_error(why), 415)
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    batch_id: str = request.path_params["batch_id"]
    may_write = caller.may(Scope("write", "batch", batch_id))
    batch = trigger.batches.get(batch_id)
    was_full = batch is not None and batch.is_sealed
    accepted = seen = 0
    try:
        async for line in _lines(request, trigger.limits.max_payload):
            item = _LINE.validate_json(line)
            if not (may_write or caller.may(Scope("batchTrigger", "tasks", item.task))):
                return json_answer(encode_error("Unauthorized"), 403)
            seen += 1
            if batch is not None and item.index not in batch.runs and not batch.is_sealed:
                options = item.options or Options()
                run, _ = make_run(
                    trigger,
                    item.task,
                    item.payload,
                    options,
                    batch_id=batch.id,
                    streams_version=streams_version(request),
                )
                batch.runs[item.index] = run.id
                accepted += 1
    except ValidationError as error:
        return json_answer(encode_error(f"Invalid item: {error.errors()[0]['msg']}"), 422)
    except LocalError as error:
        return json_answer(encode_error(str(error)), 422)
    if not may_write and not seen:  # no item, no right to know anything about the batch
        return json_answer(encode_error("Unauthorized"), 403)
    if batch is None:
        return json_answer(encode_error(f"Batch {batch_id} not found"), 422)
    # One that was full before is not looked into again, and says so.
    return json_answer(_told(batch, accepted, 0 if was_full else seen - accepted))


def _told(batch: Batch, accepted: int, deduplicated: int) -> bytes:
    said: dict[str, Any] = {
        "id": batch.id,
        "itemsAccepted": accepted,
        "itemsDeduplicated": deduplicated,
        "sealed": batch.is_sealed,
        "runCount": batch.run_count,
    }
    if not batch.is_sealed:
        said |= {"enqueuedCount": len(batch.runs), "expectedCount": batch.run_count}
    return to_json(said)


async def _lines(request: Request, limit: int) -> AsyncIterator[bytes]:
    """Yield the lines of a body as they come in.

    Raises:
        PayloadError: if one of them is longer than a limit allows.
    """
    rest = b""
    async for chunk in request.stream():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.strip():
                yield line
        if len(rest) > limit:
            raise PayloadError(f"Item is over {limit} bytes")
    if rest.strip():
        yield rest
