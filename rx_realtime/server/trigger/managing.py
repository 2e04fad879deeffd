"""Runs over REST: shown, canceled, tagged, moved, and triggered once more."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from ...errors import LocalError
from ...wire.trigger.answers import encode_error, view_run
from ..answers import json_answer
from ..body import read_body
from .auth import forbid, identify, readers_of, writers_of
from .engine import Trigger
from .feeds import missing
from .runs import TaskRun, now
from .storing import signed_url, stored_path
from .triggering import Options, due_at, make_run

__all__ = ["add_tags", "cancel_run", "replay_run", "reschedule_run", "retrieve_run"]

_SMALL = 128 * 1024
_LEGACY = "Invalid or Missing API Key"


class _Tags(BaseModel):
    tags: str | list[str]


class _Delay(BaseModel):
    delay: str


class _Replay(BaseModel):
    payload: Any = None
    payloadType: str | None = None  # noqa: N815 - the wire's names
    metadata: dict[str, Any] | None = None
    tags: list[str] | str | None = None


_TAGS, _DELAY, _REPLAY = TypeAdapter(_Tags), TypeAdapter(_Delay), TypeAdapter(_Replay)


async def retrieve_run(trigger: Trigger, request: Request) -> Response:
    """GET /api/v3/runs/{id}."""
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    run = _run(trigger, request)
    if run is None:
        return missing(retry=True)
    return forbid(caller, *readers_of(run)) or _shown(trigger, request, run)


async def cancel_run(trigger: Trigger, request: Request) -> Response:
    """POST /api/v2/runs/{id}/cancel. One that is over stays as it is."""
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    run = _run(trigger, request)
    if run is None:
        return json_answer(encode_error("Resource not found"), 404)
    if (refusal := forbid(caller, *writers_of(run))) is not None:
        return refusal
    if not run.is_over:
        await run.cancel()
    return json_answer(to_json({"id": run.id}))


async def replay_run(trigger: Trigger, request: Request) -> Response:
    """POST /api/v1/runs/{id}/replay: trigger its task once more, with what is given anew."""
    caller = identify(trigger, request, tokens=False)
    if isinstance(caller, Response):
        return caller
    run = _run(trigger, request)
    if run is None:
        return json_answer(encode_error("Resource not found"), 404)
    body = await read_body(request, trigger.limits.max_payload)
    try:
        wanted = _REPLAY.validate_json(body or b"{}")
    except ValidationError:
        return json_answer(encode_error("Invalid request body"), 400)
    row, is_new = run.row, wanted.payload is not None
    options = Options(
        payloadType=(wanted.payloadType or "application/json") if is_new else row.payload_type,
        tags=list(row.run_tags) if wanted.tags is None else wanted.tags,
        metadata=row.metadata if wanted.metadata is None else wanted.metadata,
        metadataType=row.metadata_type,
        test=row.is_test,
    )
    payload = wanted.payload if is_new else row.payload
    try:
        again, _ = make_run(
            trigger,
            row.task_identifier,
            payload,
            options,
            streams_version=run.streams_version,
        )
    except LocalError as error:
        return json_answer(encode_error(str(error)), 400)
    return json_answer(to_json({"id": again.id}))


async def reschedule_run(trigger: Trigger, request: Request) -> Response:
    """POST /api/v1/runs/{id}/reschedule: move the delay of a run that has not begun."""
    words = "Invalid or missing API Key"
    caller = identify(trigger, request, tokens=False, words=words)
    if isinstance(caller, Response):
        return caller
    try:
        wanted = _DELAY.validate_json(await read_body(request, _SMALL) or b"")
        delay_until = due_at(wanted.delay) or now()
    except (ValidationError, LocalError):
        return json_answer(encode_error("Invalid request body"), 400)
    run = _run(trigger, request)
    if run is None:
        return json_answer(encode_error("Run not found"), 404)
    if run.status != "DELAYED":
        return json_answer(encode_error("Cannot reschedule a run that is not delayed"), 422)
    run.apply(delay_until=delay_until)
    return _shown(trigger, request, run)


async def add_tags(trigger: Trigger, request: Request) -> Response:
    """POST /api/v1/runs/{id}/tags."""
    caller = identify(trigger, request, tokens=False, words=_LEGACY)
    if isinstance(caller, Response):
        return caller
    try:
        wanted = _TAGS.validate_json(await read_body(request, _SMALL) or b"").tags
    except ValidationError as error:
        issues = error.errors(include_url=False, include_context=False, include_input=False)
        return json_answer(encode_error("Invalid request body", issues=issues), 400)
    run = _run(trigger, request)
    if run is None:
        return json_answer(encode_error("Run not found"), 404)
    given = [wanted] if isinstance(wanted, str) else wanted
    fresh = [tag for tag in dict.fromkeys(given) if tag.strip() and tag not in run.row.run_tags]
    if not fresh:
        return json_answer(to_json({"message": "No new tags to add"}))
    limit, count = trigger.limits.max_tags, len(run.row.run_tags) + len(fresh)
    if count > limit:
        why = f"Runs can only have {limit} tags, you're trying to set {count}."
        names = ", ".join(f"'{tag}'" for tag in fresh)
        why = f"{why} These tags have not been set: {names}."
        return json_answer(encode_error(why), 422)
    run.tag(*fresh)
    return json_answer(to_json({"message": f"Successfully set {len(fresh)} new tags."}))


def _run(trigger: Trigger, request: Request) -> TaskRun | None:
    return trigger.runs.get(request.path_params["run_id"])


def _shown(trigger: Trigger, request: Request, run: TaskRun) -> Response:
    children = [child.row for child in trigger.runs.children_of(run)]
    urls = {
        field: signed_url(trigger, request, "GET", path)
        for field in ("payload", "output")
        if (path := stored_path(run, field)) is not None
    }
    view = view_run(run.row, batch_id=run.batch_id, children=children, urls=urls)
    return json_answer(to_json(view))
