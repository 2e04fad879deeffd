"""What a stream's events hold: records, in both of the server's dialects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from msgspec import Struct
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from ...models import ABSENT
from ...models.reticent import Reticent
from ..json_text import decode_json
from ..sse import Event

__all__ = ["CONTROL", "Batch", "Record", "decode_batch", "decode_line", "place_of"]

#: The header of a record that says something about the stream.
CONTROL: Final = "trigger-control"


class Record(Reticent, frozen=True, gc=False):
    """One record.

    Attributes:
        id: what the server is told to go on from here.
        number: its place in the log, in the newer dialect.
        place: the same in the older one, where lines that were stored together share theirs.
        data: what the sender sent; `ABSENT` in a record that has none, such as a command.
        part_id: what its sender calls it: the same one twice is one that was sent again.
        headers: what was said about it.
        why: what is wrong with it, if something is.
    """

    id: str
    data: Any = ABSENT
    number: int | None = None
    at: datetime | None = None
    part_id: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    why: str | None = None
    place: tuple[int, int] | None = None
    _unshown: ClassVar = ("data",)

    @property
    def control(self) -> str | None:
        """What the sender says about the stream, in a record of that kind."""
        return next((value for name, value in self.headers if name == CONTROL), None)


class Batch(Struct, frozen=True):
    """Some records, as they came, and the number that the next one after all of them gets."""

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
    records = [_read(raw["seq_num"], raw) for raw in said.get("records", ()) if "seq_num" in raw]
    tail = said.get("tail")
    return Batch(tuple(records), None if tail is None else tail.get("seq_num"))


def decode_line(event: Event) -> Record:
    """Read an event of the older dialect: JSON, or else text. Its id begins with its time."""
    try:
        data: Any = decode_json(event.data)
    except (ValueError, RecursionError):
        data = event.data.decode("utf-8", "replace")
    place = place_of(event.id)
    at = None if place is None else _moment(place[0])
    return Record(event.id, data, None, at, None, (), None, place)


def place_of(line_id: str) -> tuple[int, int] | None:
    """Return an id of the older dialect as something that can be compared; None if it is none."""
    time, _, number = line_id.partition("-")
    if time.isdecimal() and number.isdecimal() and len(line_id) <= 40:
        return int(time), int(number)
    return None


def _read(number: int, raw: _Raw) -> Record:
    at = _moment(raw["timestamp"]) if "timestamp" in raw else None
    headers = tuple(raw["headers"]) if "headers" in raw else ()
    if headers and any(name in ("", CONTROL) for name, _ in headers):
        return Record(str(number), ABSENT, number, at, None, headers)
    try:
        body: Any = decode_json(raw.get("body", ""))
        part_id, data = body.get("id"), body["data"]
    except (ValueError, KeyError, AttributeError, RecursionError):
        why = "a record's body is no JSON that holds data"
        return Record(str(number), ABSENT, number, at, None, headers, why)
    if not isinstance(part_id, str):
        part_id = None
    return Record(str(number), data, number, at, part_id, headers)


def _moment(milliseconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
