"""What the HTTP sender answers with, made once: events of a stream, rows of runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Final, Literal

from rx_realtime.wire.trigger.encode import (
    UP_TO_DATE,
    RunRow,
    encode_change,
    encode_messages,
    encode_schema,
)

__all__ = ["SCHEMA", "batch", "changes", "events", "prepare", "snapshot"]

_BATCH: Final = 100
SCHEMA: Final = encode_schema()
_DISTINCT: Final = 4096
_AT: Final = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)


def events(count: int) -> list[bytes]:
    """Return so many events of a stream, in blocks. Their ids grow, as those of a log do."""
    begins = range(0, count, _DISTINCT)
    return [_events(begin, min(count, begin + _DISTINCT)) for begin in begins]


def prepare(rows: int) -> None:
    """Make all pages now, so that later nobody waits for one."""
    for sent in range(0, 2 * rows, batch(rows)):
        changes(rows, sent)


def batch(rows: int) -> int:
    """Return how many changes an answer brings; each is of another run."""
    return min(rows, _BATCH)


def snapshot(rows: int) -> bytes:
    """Return all runs."""
    return _body(rows, 0, rows, 0, "insert")


def changes(rows: int, sent: int) -> bytes:
    """Return those that change after so many changes: one run after the other, over and over."""
    # Not what it was the last time, or there would be no change.
    return _body(rows, sent % rows, batch(rows), sent // rows % 2 + 1, "update")


@cache
def _events(begin: int, end: int) -> bytes:
    return "".join(map(_event, range(begin, end))).encode()


def _event(index: int) -> str:
    data = {"index": index, "token": f"token {index % 97} of an answer", "model": "large-3"}
    data["text"] = "what an answer says, a few words at a time, until all of it is said"
    return f"id: {1767323045678 + index}-0\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"


@cache
def _body(
    rows: int, begin: int, count: int, phase: int, operation: Literal["insert", "update"]
) -> bytes:
    runs = (_run((begin + step) % rows, phase) for step in range(count))
    return encode_messages([*(encode_change(run, operation) for run in runs), UP_TO_DATE])


def _run(number: int, phase: int) -> RunRow:
    return RunRow(
        id=f"cmb{number:022}",
        friendly_id=f"run_cmb{number:022}",
        task_identifier="render",
        created_at=_AT,
        updated_at=_AT,
        started_at=_AT,
        status="EXECUTING",
        number=number,
        payload=json.dumps({"id": str(number), "url": f"https://example.com/{number}.mp4"}),
        metadata=json.dumps({"progress": {"percentage": 25 * phase, "step": "render"}}),
        run_tags=("bench", f"video:{number}"),
    )
