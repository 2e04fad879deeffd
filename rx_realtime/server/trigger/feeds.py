"""GET /realtime/v1/…: the feeds of one run, of runs with tags, and of a batch."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from ...wire.trigger.answers import encode_error, encode_query_error
from ...wire.trigger.durations import parse_duration
from ...wire.trigger.scopes import Scope
from ..answers import json_answer
from .asked import Asked
from .auth import forbid, identify, readers_of
from .engine import Trigger
from .feed import answer_feed
from .filters import OfBatch, OfRun, WithTags
from .handles import floor_of

__all__ = ["missing", "show_batch", "show_run", "show_runs"]

#: No tag has any of these.
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f\\"]')


async def show_run(trigger: Trigger, request: Request) -> Response:
    """GET /realtime/v1/runs/{id}."""
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    run = trigger.runs.get(request.path_params["run_id"])
    if run is None:
        return missing(retry=False)
    if (refusal := forbid(caller, *readers_of(run))) is not None:
        return refusal
    return await answer_feed(trigger, request, Asked.read(request, caller), OfRun(run.id))


async def show_batch(trigger: Trigger, request: Request) -> Response:
    """GET /realtime/v1/batches/{id}."""
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    batch = trigger.batches.get(request.path_params["batch_id"])
    if batch is None:
        return missing(retry=True)  # it may be so new that not all of the real server has it
    needed = Scope("read", "batch", batch.id), Scope("read", "runs")
    if (refusal := forbid(caller, *needed)) is not None:
        return refusal
    return await answer_feed(trigger, request, Asked.read(request, caller), OfBatch(batch.id))


async def show_runs(trigger: Trigger, request: Request) -> Response:
    """GET /realtime/v1/runs: the runs that have all of some tags."""
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    wanted = request.query_params.get("tags")
    tags = tuple(wanted.split(",")) if wanted else ()
    for tag in tags:
        if not tag or _UNSAFE.search(tag):
            why = f"Invalid tag: {json.dumps(tag, ensure_ascii=False)}"
            return json_answer(encode_query_error(why, "tags"), 400)
    # A token for any one of the tags suffices, because only runs that have them all are shown.
    scopes = [Scope("read", "tags", tag) for tag in tags]
    needed = Scope("read", "runs"), Scope("read", "tags"), *scopes
    if (refusal := forbid(caller, *needed)) is not None:
        return refusal
    asked = Asked.read(request, caller)
    longest = timedelta(seconds=trigger.limits.max_age)
    age = parse_duration(request.query_params.get("createdAt", "24h"))
    floor = floor_of(longest if age is None else age, handle=asked.handle, longest=longest)
    return await answer_feed(trigger, request, asked, WithTags(tags, floor))


def missing(*, retry: bool) -> Response:
    """Answer that there is no such thing, and whether there may be soon."""
    headers = {"x-should-retry": "true" if retry else "false"}
    return json_answer(encode_error("Not found"), 404, headers)
