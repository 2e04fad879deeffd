"""How a feed answers: a snapshot at first, and then polls that are held until something happens.

Nothing is remembered about a client: its offset says which change it knows, its handle since when.
So a thousand clients that never come back cost nothing.
"""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from ...wire.trigger.answers import encode_error
from ...wire.trigger.encode import (
    MUST_REFETCH,
    UP_TO_DATE,
    encode_change,
    encode_messages,
    encode_offset,
    encode_schema,
)
from ..answers import json_answer
from ..racing import first_of
from .asked import Asked
from .engine import Trigger
from .fates import Rotated, Said, Silent
from .filters import RunFilter
from .runs import TaskRun

__all__ = ["answer_feed"]

Operation = Literal["insert", "update"]

_EPOCH = datetime.fromtimestamp(0, UTC)
#: What `fetch` in a page may see of it. The real server opens feeds to every page there is.
_CORS = {"access-control-allow-origin": "*", "access-control-expose-headers": "*"}
_LEGACY = {"electric-offset": "electric-chunk-last-offset", "electric-handle": "electric-shape-id"}


async def answer_feed(
    trigger: Trigger, request: Request, asked: Asked, chosen: RunFilter
) -> Response:
    """Answer one request of somebody who may see the feed."""
    match trigger.faults.fate(asked):
        case Said() as said:
            return Response(said.body, said.status, {**_CORS, **said.headers})
        case Silent():
            with trigger.polls.held():
                await first_of(_until_gone(request), _until(trigger.closing))
            return _too_late()
        case Rotated() as rotated:
            handle = trigger.handles.make(chosen) + f"-{trigger.handles.count()}"
            return _refetch(handle if rotated.names_it else None, rotated.body)
        case None:
            pass
    if asked.is_beginning or asked.handle is None:
        return _Answer(trigger, asked, chosen).snapshot()
    if not _is_good(trigger, asked, asked.handle, chosen):
        return _refetch(trigger.handles.make(chosen), None)
    if not asked.is_live:
        return _Answer(trigger, asked, chosen).snapshot()
    if trigger.polls.count >= trigger.limits.max_polls:
        return json_answer(encode_error("Too many concurrent requests"), 429)
    with trigger.polls.held():
        if await _hold(trigger, request, asked, chosen):
            return _too_late()  # nobody hears it, and what was to go wrong next is kept for others
    if not _is_good(trigger, asked, asked.handle, chosen):  # evicted meanwhile
        return _refetch(trigger.handles.make(chosen), None)
    return _Answer(trigger, asked, chosen).live()


def _is_good(trigger: Trigger, asked: Asked, handle: str, chosen: RunFilter) -> bool:
    """Whether we can go on where the client stands."""
    version = asked.version
    known = version is not None and version <= trigger.runs.version
    return known and trigger.handles.knows(handle, chosen)


async def _hold(trigger: Trigger, request: Request, asked: Asked, chosen: RunFilter) -> bool:
    """Wait until there is something to tell, or it took too long; or return that nobody waits."""
    limits, since = trigger.limits, asked.version or 0
    with trigger.runs.watching(chosen) as changed:
        if trigger.runs.changed_since(since, chosen) or trigger.faults.is_impatient:
            return False
        # As on the real server: polls that came in step do not go in step.
        held = limits.poll_timeout * random.uniform(1 - limits.poll_jitter, 1 + limits.poll_jitter)  # noqa: S311 - no secret
        return await first_of(
            _until(changed),
            _until(trigger.closing),
            asyncio.sleep(held, result=False),
            _until_gone(request),
        )


class _Answer:
    """An answer of 200, which every client reads alike."""

    def __init__(self, trigger: Trigger, asked: Asked, chosen: RunFilter) -> None:
        self._trigger = trigger
        self._asked = asked
        self._chosen = chosen
        self._is_stale = trigger.faults.is_stale()

    def snapshot(self) -> Response:
        """Tell everything there is."""
        runs = self._trigger.runs.matching(self._chosen)
        newest = max((run.row.updated_at for run in runs), default=_EPOCH)
        offset = encode_offset(newest, self._trigger.runs.version)
        headers = {"electric-offset": offset, "electric-schema": encode_schema(self._asked.skipped)}
        return self._say([(run, "insert") for run in runs], headers)

    def live(self) -> Response:
        """Tell what has changed since the client's last request."""
        trigger, asked = self._trigger, self._asked
        since = asked.version or 0
        if self._is_stale:
            runs = trigger.runs.matching(self._chosen)
        else:
            runs = trigger.runs.changed_since(since, self._chosen)
        offset = asked.offset
        if runs and not self._is_stale:
            newest = max(run.row.updated_at for run in runs)
            offset = encode_offset(newest, trigger.runs.version)
        cursor = str(trigger.handles.count())
        headers = {"electric-offset": offset, "electric-cursor": cursor}
        return self._say([(run, self._operation(run, since)) for run in runs], headers)

    def _operation(self, run: TaskRun, since: int) -> Operation:
        return "insert" if self._chosen.joined(run) > since else "update"

    def _say(
        self,
        changes: list[tuple[TaskRun, Operation]],
        headers: dict[str, str],
    ) -> Response:
        faults, asked = self._trigger.faults, self._asked
        messages = [
            encode_change(run.previous if self._is_stale else run.row, operation, asked.skipped)
            for run, operation in changes
        ]
        body = encode_messages([*messages, *faults.injected(), UP_TO_DATE])
        if not asked.knows_dequeued:
            body = body.replace(b'"status":"DEQUEUED"', b'"status":"EXECUTING"')
        named = {
            "cache-control": "no-store",
            "electric-handle": self._handle(),
            # The real server's own feeds leave it out, and every client asks twice more for it.
            "electric-up-to-date": "",
            **headers,
        }
        if asked.is_legacy:
            named = {_LEGACY.get(name, name): value for name, value in named.items()}
        omitted = faults.omitted()
        kept = {name: value for name, value in named.items() if name not in omitted}
        return json_answer(body, headers={**_CORS, **kept})

    def _handle(self) -> str:
        asked, handles = self._asked, self._trigger.handles
        if self._is_stale and asked.expired_handle is not None:
            return asked.expired_handle
        if asked.handle is not None and handles.knows(asked.handle, self._chosen):
            return asked.handle
        return handles.make(self._chosen)


def _refetch(handle: str | None, body: bytes | None) -> Response:
    """Answer that what the client follows is no more: it begins again."""
    named = {} if handle is None else {"electric-handle": handle}
    headers = {**_CORS, "cache-control": "max-age=60, must-revalidate", **named}
    return json_answer(encode_messages([MUST_REFETCH]) if body is None else body, 409, headers)


def _too_late() -> Response:
    return json_answer(encode_error("The server is closing"), 503, {"retry-after": "1"})


async def _until(event: asyncio.Event) -> bool:
    await event.wait()
    return False


async def _until_gone(request: Request) -> bool:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return True
