"""Run rows, as feeds carry them, and runs, as the REST API tells them, as `Run` values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from ...errors import WireError
from ...models.run import Run, RunError, TriggerStatus
from .encode_packets import JSON, Packet
from .packets import decode_packet
from .statuses import PUBLIC_OF_DB

__all__ = ["decode_error", "decode_row", "decode_run", "decode_time", "is_older"]

Row = Mapping[str, Any]


def decode_row(row: Row) -> Run:
    """Read the row of a feed.

    Raises:
        WireError: if it lacks what no run is without.
    """
    word = _text(row.get("status"))
    return Run(
        **_common(row, row.get("friendlyId"), PUBLIC_OF_DB.get(word, word)),
        db_status=word,
        delayed_until=decode_time(row.get("delayUntil")),
        finished_at=decode_time(row.get("completedAt")),
        queued_at=decode_time(row.get("queuedAt")),
        payload=_packet(row, "payload"),
        output=_packet(row, "output"),
        metadata=_packet(row, "metadata"),
        tags=_texts(row.get("runTags")),
        realtime_streams=_texts(row.get("realtimeStreams")),
        number=_integer(row.get("number")),
        duration_ms=_integer(row.get("usageDurationMs")),
    )


def decode_run(view: Row) -> Run:
    """Read a run of the REST API, which has Python-ready values and public words.

    Raises:
        WireError: if it lacks what no run is without.
    """
    return Run(
        **_common(view, view.get("id"), _text(view.get("status"))),
        delayed_until=decode_time(view.get("delayedUntil")),
        finished_at=decode_time(view.get("finishedAt")),
        payload=view.get("payload"),
        output=view.get("output"),
        metadata=view.get("metadata"),
        tags=_texts(view.get("tags")),
        duration_ms=_integer(view.get("durationMs")),
    )


def is_older(row: Row, than: Row) -> bool:
    """Whether a row is from before another: a lagging replica must not move a run backwards."""
    at, other = decode_time(row.get("updatedAt")), decode_time(than.get("updatedAt"))
    return at is not None and other is not None and at < other


def decode_time(text: object) -> datetime | None:
    """Read a time: with a T or a space, any fraction, a trailing Z or none. It is UTC."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def decode_error(error: object) -> RunError | None:
    """Read an error of any type. Nothing of it is lost, an internal error's message least."""
    if not isinstance(error, Mapping):
        return None if error is None else RunError("UNKNOWN", str(error), raw=error)
    said = cast(Mapping[str, Any], error)
    raw = said.get("raw")
    return RunError(
        type=_text(said.get("type")) or "UNKNOWN",
        message=_text(said.get("message")) or _text(raw),
        name=_text(said.get("name")) or None,
        stack_trace=_text(said.get("stackTrace")) or None,
        code=_text(said.get("code")) or None,
        raw=said,
    )


def _common(said: Row, run_id: object, word: str) -> dict[str, Any]:
    created_at = decode_time(said.get("createdAt"))
    if not isinstance(run_id, str) or not word or created_at is None:
        raise WireError("a run lacks its id, its status or the time of its creation")
    return {
        "id": run_id,
        "task_identifier": _text(said.get("taskIdentifier")),
        "status": _STATUSES.get(word, word),
        "created_at": created_at,
        "updated_at": decode_time(said.get("updatedAt")),
        "started_at": decode_time(said.get("startedAt")),
        "expired_at": decode_time(said.get("expiredAt")),
        "error": decode_error(said.get("error")),
        "is_test": said.get("isTest") is True,
        "cost_in_cents": _number(said.get("costInCents")),
        "base_cost_in_cents": _number(said.get("baseCostInCents")),
        "ttl": _text(said.get("ttl")) or None,
        "idempotency_key": _text(said.get("idempotencyKey")) or None,
        "raw": said,
    }


_STATUSES: Mapping[str, TriggerStatus] = {status.value: status for status in TriggerStatus}


def _packet(row: Row, name: str) -> Any:
    data = row.get(name)
    if not isinstance(data, str):
        return data
    return decode_packet(Packet(data, _text(row.get(f"{name}Type")) or JSON), name)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        return ()
    return tuple(each for each in cast(Iterable[object], value) if isinstance(each, str))


def _integer(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
