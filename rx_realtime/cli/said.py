"""What happened, as plain data: one case for each kind of update."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_never, cast

from ..models import ABSENT, Run, RunChanged, RunStatus
from ..models.update import (
    CaughtUp,
    Chunk,
    Closed,
    Connecting,
    Delivered,
    Draining,
    Failed,
    Gap,
    Idle,
    Invalid,
    Limited,
    Opened,
    Paused,
    Raw,
    Received,
    Reset,
    Restarted,
    Retrying,
    RowChanged,
    RowDeleted,
    StepChanged,
    StreamClosed,
    StreamControl,
    StreamFailed,
    StreamOpened,
    Unrecognised,
    Update,
)
from .clean import plain_data
from .progress import run_progress

__all__ = ["Said", "failure_of", "say", "time_text"]

#: What happened, as JSON can say it. `kind` tells which other keys there are.
Said = dict[str, Any]


def say(update: Update) -> Said | None:
    """Say what happened; None of what only a view has to know."""
    match update:
        case Idle() | Connecting():
            return _connection(type(update).__name__.lower())
        case Opened():
            return _connection("open")
        case Closed(error):
            return _connection("closed", error)
        case Failed(error):
            return _connection("error", error)
        case Paused(reason):
            return {**_connection("paused"), "reason": reason.value}
        case Retrying(attempt, wait, error):
            return {
                "kind": "retrying",
                "attempt": attempt,
                "wait": round(wait, 3),
                "error": str(error),
            }
        case Gap(reason, since, until):
            seconds = round((until - since).total_seconds(), 3)
            return {"kind": "gap", "reason": reason, "seconds": seconds}
        case Draining():
            return {"kind": "draining"}
        case Received(message):
            return _filled(
                kind="message",
                topic=message.topic,
                data=plain_data(message.data),
                created_at=time_text(message.created_at),
                run_id=message.run_id,
                metadata=message.metadata,
            )
        case StreamOpened(stream_id, _, topic, run_id, metadata):
            return _filled(
                kind="stream-opened",
                topic=topic,
                stream_id=stream_id,
                run_id=run_id,
                metadata=metadata,
            )
        case Chunk(stream_id, topic, data):
            return {
                "kind": "chunk",
                "topic": topic,
                "stream_id": stream_id,
                "data": plain_data(data),
            }
        case StreamClosed(stream_id, topic):
            return {"kind": "stream-closed", "topic": topic, "stream_id": stream_id}
        case StreamControl(stream_id, topic, subtype):
            return {
                "kind": "stream-control",
                "topic": topic,
                "stream_id": stream_id,
                "subtype": subtype,
            }
        case StreamFailed(stream_id, topic, error):
            return {
                "kind": "stream-failed",
                "topic": topic,
                "stream_id": stream_id,
                "error": str(error),
            }
        case RunChanged():
            return _run(update)
        case StepChanged(_, data, run_id):
            return _filled(kind="step", data=data, run_id=run_id)
        case RowChanged(key, row):
            return {"kind": "row", "key": key, "data": plain_data(row)}
        case RowDeleted(key):
            return {"kind": "row-deleted", "key": key}
        case CaughtUp(rows):
            return {"kind": "caught-up", "rows": rows}
        case Restarted():
            return {"kind": "restarted"}
        case Raw(data):
            return {"kind": "raw", "data": data.decode("utf-8", "backslashreplace")}
        case Invalid(why, topic):
            return _filled(kind="invalid", topic=topic, why=why)
        case Unrecognised(why, text):
            return {"kind": "unrecognised", "why": why, "text": text}
        case Delivered() | Reset() | Limited():
            return None
        case _:
            assert_never(update)


def failure_of(change: RunChanged) -> str | None:
    """Return why a run failed, where that was said."""
    said: object = change.data
    if isinstance(said, Run) and said.error is not None:
        why = said.error
        return ": ".join(filter(None, (why.name, why.message))) or why.code or why.type
    if change.status is not RunStatus.FAILED or not isinstance(said, Mapping):
        return None
    data = cast(Mapping[str, Any], said)
    # A frame says it as `error`, the REST API as the output.
    error = data.get("error", data.get("output"))
    if isinstance(error, Mapping):
        fields = cast(Mapping[str, Any], error)
        error = ": ".join(str(fields[name]) for name in ("name", "message") if fields.get(name))
    return str(error) if error else None


def _connection(status: str, error: Exception | None = None) -> Said:
    said: Said = {"kind": "connection", "status": status}
    return said if error is None else {**said, "error": str(error)}


def _run(change: RunChanged) -> Said:
    said = _filled(
        kind="run",
        status=None if change.status is None else change.status.value,
        run_id=change.run_id,
        error=failure_of(change),
    )
    if isinstance(change.data, Run):
        said |= _of_run(change.data)
    return said if change.result is ABSENT else {**said, "result": plain_data(change.result)}


def _of_run(run: Run) -> Said:
    """Say what only Trigger.dev tells: the task, its own word for the status, and progress."""
    progress = run_progress(run)
    return _filled(
        task=run.task_identifier,
        trigger_status=str(run.status),
        percent=None if progress is None else round(progress.percent, 1),
        label=None if progress is None else progress.label,
        metadata=plain_data(run.metadata),
    )


def _filled(**fields: Any) -> Said:
    """Return the fields that say something; data may say nothing, and is kept."""
    return {name: value for name, value in fields.items() if value is not None or name == "data"}


def time_text(at: datetime | None) -> str | None:
    """Return a time as JSON can say it."""
    return None if at is None else at.isoformat()
