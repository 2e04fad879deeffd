"""Run rows, as feeds carry them, and runs, as the REST API tells them, as `Run` values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, TypeAlias, cast

from msgspec import Struct

from ...errors import WireError
from ...models.late import late, tellers
from ...models.run import Run, RunError, Stored, TriggerStatus
from ..shape import Pick, Row, Schema
from .encode_packets import JSON, STORE, Packet
from .packets import decode_packet
from .statuses import PUBLIC_OF_DB

__all__ = ["decode_error", "decode_row", "decode_run", "decode_time", "is_older"]

View: TypeAlias = Mapping[str, Any]


def decode_row(row: Row) -> Run:
    """Read the row of a feed; most of it when it is asked for, since few look at everything.

    What says which run it is, how it stands and in which order runs come is read at once.

    Raises:
        WireError: if it lacks what no run is without.
    """
    first = _first(row.schema)
    run_id, word, created, updated, finished, payload_type, output_type = first(row.said)
    created_at = decode_time(created)
    if not (isinstance(run_id, str) and isinstance(word, str) and word and created_at):
        raise WireError(_LACKING)
    run = late(Run, _read, row)
    _tell_id(run, run_id)
    _tell_status(run, _STATUS_OF_DB.get(word, word))
    _tell_created_at(run, created_at)
    _tell_updated_at(run, decode_time(updated))
    _tell_finished_at(run, decode_time(finished))
    _tell_number(run, _integer(row.get("number")))
    is_usual = payload_type == JSON == output_type
    _tell_stored(run, () if is_usual else _stored(row, payload=payload_type, output=output_type))
    return run


@lru_cache(maxsize=64)
def _first(schema: Schema) -> Pick:
    return schema.pick(
        "friendlyId", "status", "createdAt", "updatedAt", "completedAt", "payloadType", "outputType"
    )


(
    _tell_id,
    _tell_status,
    _tell_created_at,
    _tell_updated_at,
    _tell_finished_at,
    _tell_number,
    _tell_stored,
) = tellers(Run, "id", "status", "created_at", "updated_at", "finished_at", "number", "stored")


def _read(row: Row, name: str) -> Any:
    """Read a field of a run out of its row."""
    if name == "raw":
        return row.columns
    column, decode = _COLUMNS[name]
    return decode(row.get(column)) if decode else _packet(row, column)


def _stored(row: Row, **types: object) -> tuple[Stored, ...]:
    """Return what a row keeps elsewhere; other packets are not read."""
    values = [_packet(row, column) for column, kind in types.items() if STORE in _text(kind)]
    return tuple([value for value in values if isinstance(value, Stored)])


def decode_run(view: View) -> Run:
    """Read a run of the REST API, which has Python-ready values and public words.

    Raises:
        WireError: if it lacks what no run is without.
    """
    get = view.get
    run_id, word, created_at = get("id"), get("status"), decode_time(get("createdAt"))
    if not (isinstance(run_id, str) and isinstance(word, str) and word and created_at):
        raise WireError(_LACKING)
    return Run(
        id=run_id,
        status=_STATUS.get(word, word),
        created_at=created_at,
        task_identifier=_text(get("taskIdentifier")),
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
        is_test=_is_true(get("isTest")),
        duration_ms=_integer(get("durationMs")),
        cost_in_cents=_number(get("costInCents")),
        base_cost_in_cents=_number(get("baseCostInCents")),
        ttl=_some_text(get("ttl")),
        idempotency_key=_some_text(get("idempotencyKey")),
        raw=view,
    )


def is_older(row: Row, than: Row) -> bool:
    """Whether a row is from before another: a lagging replica must not move a run backwards."""
    text, other_text = _updated(row.schema)(row.said), _updated(than.schema)(than.said)
    if text == other_text:
        return False
    at, other = decode_time(text), decode_time(other_text)
    return at is not None and other is not None and at < other


@lru_cache(maxsize=64)
def _updated(schema: Schema) -> Callable[[Struct], Any]:
    return schema.pick_one("updatedAt")


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


def _packet(row: Row, name: str) -> Any:
    data = row.get(name)
    if not isinstance(data, str):
        return data
    return decode_packet(Packet(data, _text(row.get(f"{name}Type")) or JSON), name)


_LACKING: Final = "a run lacks its id, its status or the time of its creation"
_STATUS: Final[Mapping[str, TriggerStatus]] = {status.value: status for status in TriggerStatus}
_STATUS_OF_DB: Final[Mapping[str, TriggerStatus]] = {
    **_STATUS,
    **{word: _STATUS[public] for word, public in PUBLIC_OF_DB.items()},
}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _some_text(value: object) -> str | None:
    return _text(value) or None


def _is_true(value: object) -> bool:
    return value is True


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        return ()
    return tuple([each for each in cast(Iterable[object], value) if isinstance(each, str)])


def _integer(value: object) -> int:
    return value if type(value) is int else 0  # and no bool


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


#: What else a run's fields are: the column, and what reads it; None where it is a packet.
_COLUMNS: Mapping[str, tuple[str, Callable[[object], Any] | None]] = {
    "task_identifier": ("taskIdentifier", _text),
    "db_status": ("status", _text),
    "started_at": ("startedAt", decode_time),
    "queued_at": ("queuedAt", decode_time),
    "delayed_until": ("delayUntil", decode_time),
    "expired_at": ("expiredAt", decode_time),
    "payload": ("payload", None),
    "output": ("output", None),
    "metadata": ("metadata", None),
    "error": ("error", decode_error),
    "tags": ("runTags", _texts),
    "realtime_streams": ("realtimeStreams", _texts),
    "is_test": ("isTest", _is_true),
    "duration_ms": ("usageDurationMs", _integer),
    "cost_in_cents": ("costInCents", _number),
    "base_cost_in_cents": ("baseCostInCents", _number),
    "ttl": ("ttl", _some_text),
    "idempotency_key": ("idempotencyKey", _some_text),
}
