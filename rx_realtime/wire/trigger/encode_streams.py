"""The records of a stream as Trigger.dev's server writes them, in both of its dialects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json, to_json

from .records import place_of

__all__ = [
    "LINE_PING",
    "StoredRecord",
    "as_json",
    "encode_batch",
    "encode_failure",
    "encode_lines",
    "encode_ping",
    "entry_after",
    "number_after",
]

#: What the older dialect says when there is nothing to say.
LINE_PING: Final = b": ping\n\n"


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record in a stream's log.

    Attributes:
        number: its place in the log; the first of all has 0.
        at: when it was stored, in milliseconds since 1970.
        entry: tells apart what was stored in one millisecond; lines that came together share it.
        data: JSON on one line; empty in a control record or a command.
        part_id: what its sender calls it: the same one twice was sent again.
        headers: a control record's or a command's; no other has any.
    """

    number: int
    at: int
    entry: int
    data: bytes
    part_id: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        """About how many bytes it has."""
        return len(self.data) + 64


def as_json(text: bytes) -> bytes:
    """Return what somebody wrote as JSON on one line; what is none becomes a string."""
    if not _is_json(text):
        return to_json(text.decode("utf-8", "replace"))
    # In JSON, where no string has a line's end in it, one stands only between its parts.
    return text.replace(b"\r", b" ").replace(b"\n", b" ").strip()


def encode_batch(records: Sequence[StoredRecord], *, tail: int, at: int) -> bytes:
    """Return the event of the newer dialect that carries records.

    Args:
        tail: the number that the next record of the log gets.
        at: when its last one was stored.
    """
    said = [_record(record) for record in records]
    data = to_json({"records": said, "tail": {"seq_num": tail, "timestamp": at}})
    first = records[0].number if records else tail
    size = sum(len(each["body"]) for each in said)
    return b"event: batch\nid: %d,%d,%d\ndata: %b\n\n" % (first, len(records), size, data)


def encode_lines(records: Sequence[StoredRecord]) -> bytes:
    """Return the events of the older dialect, one for each record that has data."""
    return b"".join(
        b"id: %d-%d\ndata: %b\n\n" % (record.at, record.entry, record.data)
        for record in records
        if not record.headers
    )


def encode_ping(at: int) -> bytes:
    """Return what the newer dialect says when there is nothing to say."""
    return b"event: ping\ndata: %b\n\n" % to_json({"timestamp": at})


def encode_failure(text: str) -> bytes:
    """Return the event by which the newer dialect says that something went wrong."""
    return b"event: error\ndata: %b\n\n" % " ".join(text.split()).encode()


def number_after(last_event_id: str | None) -> int:
    """Return the number of the record that follows what a client has, in the newer dialect."""
    digits = (last_event_id or "").partition("-")[0]
    return int(digits) + 1 if _is_number(digits) else 0


def entry_after(last_event_id: str | None) -> tuple[int, int]:
    """Return the time and the count of the last entry that a client has, in the older dialect.

    As in the store itself, an id may be a time alone.
    """
    given = last_event_id or ""
    return place_of(given) or (int(given) if _is_number(given) else -1, 0)


def _is_json(text: bytes) -> bool:
    try:
        from_json(text, allow_inf_nan=False)
    except ValueError:
        # A text that was cut in the middle of an emoji is JSON to JavaScript, and to us.
        return b"\\u" in text and _has_half_a_pair(text)
    return True


def _has_half_a_pair(text: bytes) -> bool:
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _record(record: StoredRecord) -> dict[str, Any]:
    said: dict[str, Any] = {"seq_num": record.number, "timestamp": record.at}
    if record.headers:
        return {**said, "body": record.data.decode(), "headers": record.headers}
    part = b"" if record.part_id is None else b',"id":' + to_json(record.part_id)
    return {**said, "body": (b'{"data":' + record.data + part + b"}").decode()}
