"""What a stream's events hold: records, in both of the server's dialects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from typing_extensions import TypedDict

from ...models import ABSENT
from ..sse import Event

__all__ = ["Batch", "Record", "decode_batch", "decode_line", "place_of"]

_CONTROL: Final = "trigger-control"


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Attributes:
        id: what the server is told to go on from here.
        number: its place in the log, in the newer dialect.
        data: what the sender sent; `ABSENT` in a record that has none, such as a command.
        part_id: what its sender calls it: the same one twice is one that was sent again.
        headers: what was said about it.
        why: what is wrong with it, if something is.
    """

    id: str
    data: Any = field(default=ABSENT, repr=False)
    number: int | None = None
    at: datetime | None = None
    part_id: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    why: str | None = None

    @property
    def control(self) -> str | None:
        """What the sender says about the stream, in a record of that kind."""
        return next((value for name, value in self.headers if name == _CONTROL), None)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records, in the order of the log, and the number that the next one after all gets."""

    records: tuple[Record, ...]
    tail: int | None = None


class _Raw(TypedDict, total=False):
    seq_num: int
    timestamp: float
    body: str
    headers: list[tuple[str, str]]


class _Tail(TypedDict, total=False):
    seq_num: int


class _Batch(TypedDict, total=False):
    records: list[_Raw]
    tail: _Tail | None


_BATCH: Final[TypeAdapter[_Batch]] = TypeAdapter(_Batch)


def decode_batch(data: bytes) -> Batch | None:
    """Read the records of one event of the newer dialect; None where it holds none."""
    try:
        said = _BATCH.validate_json(data)
    except ValidationError:
        return None
    records = [record for raw in said.get("records", ()) if (record := _record(raw)) is not None]
    records.sort(key=lambda record: record.number or 0)
    tail = said.get("tail")
    return Batch(tuple(records), None if tail is None else tail.get("seq_num"))


def decode_line(event: Event) -> Record:
    """Read an event of the older dialect: JSON, or else text. Its id begins with its time."""
    try:
        data: Any = from_json(event.data)
    except ValueError:
        data = event.data.decode("utf-8", "replace")
    place = place_of(event.id)
    return Record(event.id, data, at=None if place is None else _moment(place[0]))


def place_of(line_id: str) -> tuple[int, int] | None:
    """Return an id of the older dialect as something that can be compared; None if it is none."""
    time, dash, number = line_id.partition("-")
    if dash and time.isdecimal() and number.isdecimal() and len(line_id) <= 40:
        return int(time), int(number)
    return None


def _record(raw: _Raw) -> Record | None:
    number = raw.get("seq_num")
    if number is None:
        return None
    headers = tuple(raw.get("headers", ()))
    at = _moment(raw.get("timestamp"))
    place: dict[str, Any] = {"id": str(number), "number": number, "at": at, "headers": headers}
    if any(name in ("", _CONTROL) for name, _ in headers):
        return Record(**place)
    try:
        body: Any = from_json(raw.get("body", ""))
        part_id = body.get("id")
        data = body["data"]
    except (ValueError, KeyError, AttributeError):
        return Record(**place, why="a record's body is no JSON that holds data")
    return Record(**place, data=data, part_id=part_id if isinstance(part_id, str) else None)


def _moment(milliseconds: float | None) -> datetime | None:
    if milliseconds is None:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
