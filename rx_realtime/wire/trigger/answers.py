"""What Trigger.dev's server says over HTTP besides feeds; for the embedded server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from pydantic_core import to_json

from .encode import RunRow
from .encode_packets import STORE, Packet, plain_value
from .statuses import PUBLIC_OF_DB

__all__ = [
    "FORBIDDEN",
    "encode_error",
    "encode_problem",
    "encode_query_error",
    "public_error",
    "view_run",
]

_STATUS_PAGE: Final = "https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/"

_NO_URLS: Final[Mapping[str, str]] = MappingProxyType({})

#: The token is good, but not for this.
FORBIDDEN: Final = to_json(
    {
        "error": "Unauthorized",
        "code": "unauthorized",
        "param": "access_token",
        "type": "authorization",
    }
)


def encode_error(message: str, **more: Any) -> bytes:
    """Return the body of an error."""
    return to_json({"error": message, **more})


def encode_query_error(message: str, *path: str) -> bytes:
    """Return the body that says which parameter of the URL cannot be used."""
    detail = {"code": "custom", "message": message, "path": path}
    return encode_error("Query Error", details=[detail])


def encode_problem(title: str, status: int, detail: str, **more: Any) -> bytes:
    """Return a problem of RFC 9457, as what stands before the API answers with."""
    said = {"title": title, "status": status, "type": f"{_STATUS_PAGE}{status}", "detail": detail}
    return to_json({**said, **more, "error": detail}, indent=2)


def view_run(
    row: RunRow,
    *,
    batch_id: str | None = None,
    children: Iterable[RunRow] = (),
    urls: Mapping[str, str] = _NO_URLS,
) -> dict[str, Any]:
    """Return a run as the REST API tells it; what is None there is left out.

    Args:
        urls: where its payload and its output are, where they are not in the row.
    """
    payload = Packet(row.payload, row.payload_type)
    output = Packet(row.output, row.output_type)
    view: dict[str, Any] = {
        **_common(row, batch_id),
        "payload": plain_value(payload) if payload.type != STORE else None,
        "payloadPresignedUrl": urls.get("payload"),
        "output": plain_value(output) if output.type != STORE else None,
        "outputPresignedUrl": urls.get("output"),
        "error": public_error(row.error),
        "attemptCount": 0 if row.started_at is None else 1,
        "attempts": [],
        "relatedRuns": {"children": [_common(child, None) for child in children]},
    }
    return {name: value for name, value in view.items() if value is not None}


def public_error(error: Any) -> dict[str, Any] | None:
    """Return an error as users are shown it; None for a kind that nobody knows."""
    match error:
        case {"type": "BUILT_IN_ERROR", "name": name, "message": message, "stackTrace": stack}:
            return {"name": name, "message": message, "stackTrace": stack}
        case {"type": "STRING_ERROR" | "CUSTOM_ERROR", "raw": raw}:
            return {"message": raw}
        case {"type": "INTERNAL_ERROR", "code": code}:
            return {"message": f"trigger.dev internal error ({code})"}
        case _:
            return None


def _common(row: RunRow, batch_id: str | None) -> dict[str, Any]:
    # An unknown word would fail the npm SDK; feeds show it as it is.
    status = PUBLIC_OF_DB.get(row.status, "QUEUED")
    common: dict[str, Any] = {
        "id": row.friendly_id,
        "taskIdentifier": row.task_identifier,
        "status": status,
        "createdAt": _iso(row.created_at),
        "startedAt": _iso(row.started_at),
        "updatedAt": _iso(row.updated_at),
        "finishedAt": _iso(row.completed_at),
        "expiredAt": _iso(row.expired_at),
        "delayedUntil": _iso(row.delay_until),
        "ttl": row.ttl,
        "costInCents": row.cost_in_cents,
        "baseCostInCents": row.base_cost_in_cents,
        "durationMs": row.usage_duration_ms,
        "isTest": row.is_test,
        "depth": 0,
        "tags": sorted(row.run_tags),
        **_booleans(status),
        "triggerFunction": "trigger" if batch_id is None else "batchTrigger",
        "batchId": batch_id,
        "metadata": plain_value(Packet(row.metadata, row.metadata_type)),
    }
    return {name: value for name, value in common.items() if value is not None}


def _booleans(status: str) -> dict[str, bool]:
    # As the REST API says it, which is not what feeds say: here a canceled run is completed and
    # failed, and one that expired or timed out is neither.
    failed = status in ("CANCELED", "FAILED", "CRASHED", "SYSTEM_FAILURE")
    return {
        "isQueued": status in ("QUEUED", "DELAYED", "PENDING_VERSION"),
        "isExecuting": status in ("EXECUTING", "DEQUEUED"),
        "isCompleted": failed or status == "COMPLETED",
        "isFailed": failed,
        "isSuccess": status == "COMPLETED",
        "isCancelled": status == "CANCELED",
        "isWaiting": status == "WAITING",
    }


def _iso(at: datetime | None) -> str | None:
    if at is None:
        return None
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
