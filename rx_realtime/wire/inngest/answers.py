"""What Inngest's server says over HTTP, byte for byte as the real one; for the embedded server."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from pydantic_core import to_json

__all__ = [
    "EVENT_RUNS_CACHED",
    "RUN_CACHED",
    "RunRow",
    "RunState",
    "encode_error",
    "encode_event_ids",
    "encode_run",
    "encode_runs",
    "encode_token",
    "failure",
    "function_uuid",
]

#: Seconds for which the answers about runs may be cached, and are.
RUN_CACHED: Final = 3
EVENT_RUNS_CACHED: Final = 15

_NO_ENV: Final = "00000000-0000-0000-0000-000000000000"


class RunState(StrEnum):
    """The words of the REST API for where a run stands."""

    SCHEDULED = "Scheduled"
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELLED = "Cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether the run can no longer change."""
        return self not in (RunState.SCHEDULED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, as the REST API tells it.

    Attributes:
        output: JSON; None while there is none.
    """

    run_id: str
    function: str
    event_id: str
    state: RunState
    started_at: datetime
    ended_at: datetime | None = None
    output: Any = None


def encode_error(message: str, status: int) -> bytes:
    """Return the body of an error."""
    return _line({"error": message, "data": None, "status": status})


def encode_token(jwt: str) -> bytes:
    """Return the answer to a request for a token."""
    return _line({"jwt": jwt})


def encode_event_ids(ids: Iterable[str]) -> bytes:
    """Return the answer to events that were taken in."""
    return _line({"ids": list(ids), "status": 200})


def encode_run(row: RunRow, env: str, now: datetime) -> bytes:
    """Return the answer about one run."""
    fields = _row(row, env)
    if row.state.is_terminal:
        fields["output"] = row.output
    return _line({"data": fields, "metadata": _cached(now, RUN_CACHED)})


def encode_runs(rows: Iterable[RunRow], now: datetime) -> bytes:
    """Return the answer about the runs of an event. It says less about each than `encode_run`."""
    return _line(
        {
            # The real server leaves the environment out here.
            "data": [_row(row, _NO_ENV) for row in rows],
            "metadata": _cached(now, EVENT_RUNS_CACHED),
        }
    )


def failure(error: BaseException) -> dict[str, Any]:
    """Return a run's output when it failed, in the form of the vendor's SDKs."""
    name, message = type(error).__name__, str(error)
    return {"__serialized": True, "message": message, "name": name, "stack": f"{name}: {message}"}


def function_uuid(function: str) -> str:
    """Return a function's id, which is always the same for its name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, function))


def _row(row: RunRow, env: str) -> dict[str, Any]:
    return {
        "run_id": row.run_id,
        "run_started_at": _milliseconds(row.started_at),
        "function_id": function_uuid(row.function),
        "function_version": 0,
        "environment_id": env,
        "event_id": row.event_id,
        "status": row.state.value,
        "ended_at": row.ended_at,
    }


def _cached(now: datetime, seconds: int) -> dict[str, datetime]:
    return {"fetched_at": now, "cached_until": now + timedelta(seconds=seconds)}


def _milliseconds(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def _line(value: Any) -> bytes:
    return to_json(value, inf_nan_mode="null") + b"\n"
