"""Run rows as Electric's shape messages, byte for byte as Trigger's own server writes them.

Every value is text or null; what the text means says the schema header.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from pydantic_core import to_json

from .columns import Column, kept

__all__ = [
    "MUST_REFETCH",
    "UP_TO_DATE",
    "Message",
    "RunRow",
    "encode_change",
    "encode_messages",
    "encode_offset",
    "encode_row",
    "encode_schema",
    "row_key",
]

Message = dict[str, Any]

UP_TO_DATE: Final[Message] = {"headers": {"control": "up-to-date"}}
MUST_REFETCH: Final[Message] = {"headers": {"control": "must-refetch"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run as the database has it. Payload, output and metadata are packets: text and its type.

    Attributes:
        id: the internal one, which only feeds show; `friendly_id` is everybody else's.
        status: in the database's words.
        error: JSON.
    """

    id: str
    task_identifier: str
    created_at: datetime
    updated_at: datetime
    friendly_id: str
    status: str
    started_at: datetime | None = None
    delay_until: datetime | None = None
    queued_at: datetime | None = None
    expired_at: datetime | None = None
    completed_at: datetime | None = None
    number: int = 0
    is_test: bool = False
    usage_duration_ms: int = 0
    cost_in_cents: float = 0.0
    base_cost_in_cents: float = 0.0
    ttl: str | None = None
    payload: str | None = None
    payload_type: str = "application/json"
    metadata: str | None = None
    metadata_type: str = "application/json"
    output: str | None = None
    output_type: str = "application/json"
    run_tags: tuple[str, ...] = ()
    error: Any = None
    realtime_streams: tuple[str, ...] = ()


def row_key(row_id: str) -> str:
    """Return the key under which a client keeps a row."""
    return f'"public"."TaskRun"/"{row_id}"'


def encode_row(row: RunRow, skipped: frozenset[str] = frozenset()) -> dict[str, str | None]:
    """Return a row's values, without the columns that are skipped."""
    return {
        column.name: _encode(getattr(row, column.attribute), column) for column in kept(skipped)
    }


def encode_change(
    row: RunRow,
    operation: Literal["insert", "update"],
    skipped: frozenset[str] = frozenset(),
) -> Message:
    """Return the message that brings a whole row."""
    return {
        "key": row_key(row.id),
        "value": encode_row(row, skipped),
        "headers": {"operation": operation},
    }


def encode_messages(messages: Iterable[Message]) -> bytes:
    """Return the body that carries these messages."""
    return to_json([*messages])


def encode_schema(skipped: frozenset[str] = frozenset()) -> str:
    """Return the header that says what the columns mean."""
    schema = {
        column.name: {"type": column.kind, **({"dims": 1} if column.is_list else {})}
        for column in kept(skipped)
    }
    return to_json(schema).decode()


def encode_offset(updated_at: datetime, version: int) -> str:
    """Return where a client stands: how new its newest row is, and the change it knows."""
    return f"{int(updated_at.timestamp() * 1000)}_{version}"


def _encode(value: Any, column: Column) -> str | None:
    if value is None:
        return None
    if column.is_list:
        return None if column.null_when_empty and not value else _array(value)
    match column.kind:
        case "bool":
            return "t" if value else "f"
        case "timestamp":
            return _timestamp(value)
        case "jsonb":
            return to_json(value).decode()
        case "float8":
            return f"{value:.15g}"  # 0, as the vendor's language says it, and not 0.0
        case _:
            return str(value)


def _timestamp(at: datetime) -> str:
    # Without a zone: the npm client adds a `Z` of its own, and fails where there is one already.
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def _array(values: Sequence[str]) -> str:
    """Write a Postgres array; each element is quoted, as the real server does."""
    escaped = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in escaped) + "}"
