"""Run rows, as feeds carry them, and runs, as the REST API tells them, as `Run` values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from ...errors import WireError
from ...models.quick import quick
from ...models.run import Run, RunError, TriggerStatus
from .encode_packets import JSON, Packet
from .packets import decode_packet
from .statuses import PUBLIC_OF_DB

__all__ = ["decode_error", "decode_row", "decode_run", "decode_time", "is_older"]

Row = Mapping[str, Any]


_run = quick(Run)


def decode_row(row: Row) -> Run:
    """Read the row of a feed.

    Raises:
        WireError: if it lacks what no run is without.
    """
    get = row.get
    word = _text(get("status"))
    return _run(
        **_identity(row, get("friendlyId"), PUBLIC_OF_DB.get(word, word)),
        db_status=word,
        updated_at=decode_time(get("updatedAt")),
        started_at=decode_time(get("startedAt")),
        queued_at=decode_time(get("queuedAt")),
        delayed_until=decode_time(get("delayUntil")),
        expired_at=decode_time(get("expiredAt")),
        finished_at=decode_time(get("completedAt")),
        payload=_packet(row, "payload", "payloadType"),
        output=_packet(row, "output", "outputType"),
        metadata=_packet(row, "metadata", "metadataType"),
        error=decode_error(get("error")),
        tags=_texts(get("runTags")),
        realtime_streams=_texts(get("realtimeStreams")),
        number=_integer(get("number")),
        is_test=get("isTest") is True,
        duration_ms=_integer(get("usageDurationMs")),
        cost_in_cents=_number(get("costInCents")),
        base_cost_in_cents=_number(get("baseCostInCents")),
        ttl=_text(get("ttl")) or None,
        idempotency_key=_text(get("idempotencyKey")) or None,
        raw=row,
    )


def decode_run(view: Row) -> Run:
    """Read a run of the REST API, which has Python-ready values and public words.

    Raises:
        WireError: if it lacks what no run is without.
    """
    get = view.get
    return _run(
        **_identity(view, get("id"), _text(get("status"))),
        updated_at=decode_time(get("updatedAt")),
        started_at=decode_time(get("startedAt")),
        delayed_until=decode_time(get("delayedUntil")),
        expired_at=decode_time(get("expiredAt")),
        finished_at=decode_time(get("finishedAt")),
        payload=get("payload"),
        output=get("output"),
        metadata=get("metadata"),
        error=decode_error(get("error")),
        tags=_texts(get("tags")),
        is_test=get("isTest") is True,
        duration_ms=_integer(get("durationMs")),
        cost_in_cents=_number(get("costInCents")),
        base_cost_in_cents=_number(get("baseCostInCents")),
        ttl=_text(get("ttl")) or None,
        idempotency_key=_text(get("idempotencyKey")) or None,
        raw=view,
    )


def is_older(row: Row, than: Row) -> bool:
    """Whether a row is from before another: a lagging replica must not move a run backwards."""
    text, other_text = row.get("updatedAt"), than.get("updatedAt")
    if text == other_text:
        return False
    at, other = decode_time(text), decode_time(other_text)
    return at is not None and other is not None and at < other


def decode_time(text: object) -> datetime | None:
    """Read a time: with a T or a space, any fraction, a trailing Z or none. It is UTC."""
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text + "Z")  # so nearly all are written
    except ValueError:
        pass
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


def _identity(said: Row, run_id: object, word: str) -> dict[str, Any]:
    """Return what no run is without."""
    created_at = decode_time(said.get("createdAt"))
    if not isinstance(run_id, str) or not word or created_at is None:
        raise WireError("a run lacks its id, its status or the time of its creation")
    return {
        "id": run_id,
        "task_identifier": _text(said.get("taskIdentifier")),
        "status": _STATUSES.get(word, word),
        "created_at": created_at,
    }


_STATUSES: Mapping[str, TriggerStatus] = {status.value: status for status in TriggerStatus}


def _packet(row: Row, name: str, name_of_type: str) -> Any:
    data = row.get(name)
    if not isinstance(data, str):
        return data
    return decode_packet(Packet(data, _text(row.get(name_of_type)) or JSON), name)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        return ()
    return tuple([each for each in cast(Iterable[object], value) if isinstance(each, str)])


def _integer(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
