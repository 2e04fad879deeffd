"""The REST side: events in, runs out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from ...errors import LocalError
from ...wire.inngest.answers import (
    EVENT_RUNS_CACHED,
    RUN_CACHED,
    encode_event_ids,
    encode_run,
    encode_runs,
)
from ...wire.inngest.api import MAX_PAYLOAD
from ..answers import error, json_answer
from ..body import read_body
from .auth import refuse_stranger
from .engine import Inngest
from .runs import ActedRun

__all__ = ["cancel_run", "receive_events", "show_event_runs", "show_run"]


class _Event(BaseModel):
    name: str
    data: Any = None


_EVENTS = TypeAdapter(_Event | list[_Event])


async def receive_events(inngest: Inngest, request: Request) -> Response:
    """POST /e/{key}: start the functions that wait for these events."""
    if not inngest.keys.opens_events(request.path_params["key"]):
        return _events_refused("Event key not found", 401)
    body = await read_body(request, MAX_PAYLOAD)
    if body is None:
        return _events_refused(f"Events are over {MAX_PAYLOAD} bytes", 413)
    try:
        events = _EVENTS.validate_json(body)
    except ValidationError:
        return _events_refused("Invalid request: must provide events with names", 400)
    try:
        ids = [
            inngest.receive_event(event.name, event.data).id
            for event in (events if isinstance(events, list) else [events])
        ]
    except LocalError as full:
        return _events_refused(str(full), 503)
    return Response(encode_event_ids(ids), media_type="text/plain")  # as the real server says


async def show_event_runs(inngest: Inngest, request: Request) -> Response:
    """GET /v1/events/{id}/runs: how the runs stand that an event started."""
    if (refusal := refuse_stranger(inngest, request)) is not None:
        return refusal
    rows = [run.row for run in inngest.runs.of_event(request.path_params["event_id"])]
    body = encode_runs(rows, datetime.now(UTC))
    return json_answer(body, headers=_cached(EVENT_RUNS_CACHED))


async def show_run(inngest: Inngest, request: Request) -> Response:
    """GET /v1/runs/{id}: how a run stands."""
    run = _run(inngest, request)
    if isinstance(run, Response):
        return run
    body = encode_run(run.row, inngest.env, datetime.now(UTC))
    return json_answer(body, headers=_cached(RUN_CACHED))


async def cancel_run(inngest: Inngest, request: Request) -> Response:
    """DELETE /v1/runs/{id}: cancel a run. One that is over stays as it is."""
    run = _run(inngest, request)
    if isinstance(run, Response):
        return run
    if not run.state.is_terminal:
        await run.cancel()
    return json_answer(b"")


def _run(inngest: Inngest, request: Request) -> ActedRun | Response:
    if (refusal := refuse_stranger(inngest, request)) is not None:
        return refusal
    return inngest.runs.get(request.path_params["run_id"]) or error("Run not found", 404)


def _cached(seconds: int) -> dict[str, str]:
    return {"cache-control": f"private, max-age={seconds}"}


def _events_refused(message: str, status: int) -> Response:
    return json_answer(to_json({"error": message, "status": status}) + b"\n", status)
