"""GET and PUT /api/v1/runs/{id}/metadata: what a run says about itself."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from ...wire.trigger.answers import encode_error
from ..answers import json_answer
from ..body import read_body
from .auth import identify
from .engine import Trigger
from .operations import Operation, apply_operations
from .runs import TaskRun

__all__ = ["show_metadata", "update_metadata"]

_MAX_BODY = 2 * 1024 * 1024
_NONE: list[Operation] = []


class _Body(BaseModel):
    metadata: dict[str, Any] | None = None
    operations: list[Operation] = _NONE
    parentOperations: list[Operation] = _NONE  # noqa: N815 - the wire's names
    rootOperations: list[Operation] = _NONE  # noqa: N815


_BODY = TypeAdapter(_Body)


async def show_metadata(trigger: Trigger, request: Request) -> Response:
    """Show the packet as it is: its text, which the npm SDK takes for an error, and its type."""
    caller = identify(trigger, request, tokens=False, words="Invalid or Missing API Key")
    if isinstance(caller, Response):
        return caller
    run = trigger.runs.get(request.path_params["run_id"])
    if run is None:
        return json_answer(encode_error("Run not found"), 404)
    said = {"metadata": run.row.metadata, "metadataType": run.row.metadata_type}
    return json_answer(to_json(said))


async def update_metadata(trigger: Trigger, request: Request) -> Response:
    """Replace it, or change parts of it: its own, its parent's and its root's."""
    caller = identify(trigger, request, tokens=False)
    if isinstance(caller, Response):
        return caller
    body = await read_body(request, _MAX_BODY)
    if body is None:
        return json_answer(encode_error("Request body too large"), 413)
    try:
        wanted = _BODY.validate_json(body)
    except ValidationError as error:
        return json_answer(encode_error(f"Validation error: {error.errors()[0]['msg']}"), 400)
    run = trigger.runs.get(request.path_params["run_id"])
    if run is None:
        return json_answer(encode_error("Task Run not found"), 404)
    if run.is_over:
        return json_answer(encode_error("Cannot update metadata for a completed run"), 422)
    # A run that nobody triggered from another is its own parent.
    parent = run.parent or run
    root = parent
    while root.parent is not None:
        root = root.parent
    for related, operations in (
        (parent, wanted.parentOperations),
        (root, wanted.rootOperations),
        (run, wanted.operations),
    ):
        before = wanted.metadata if related is run and wanted.metadata is not None else None
        refusal = _change(trigger, related, before, operations)
        if refusal is not None:
            return refusal
    return json_answer(to_json({"metadata": run.metadata}))


def _change(
    trigger: Trigger, run: TaskRun, replaced: dict[str, Any] | None, operations: list[Operation]
) -> Response | None:
    before = run.metadata
    after = apply_operations(before if replaced is None else replaced, operations)
    if run.is_over or after == before:
        return None
    text = to_json(after)
    limit = trigger.limits.max_metadata
    if len(text) > limit:
        return json_answer(encode_error(f"Metadata exceeds maximum size of {limit} bytes"), 413)
    run.apply(metadata=text.decode(), metadata_type="application/json")
    return None
