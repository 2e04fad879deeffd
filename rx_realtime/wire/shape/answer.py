"""What an answer is, judged by its status, its body and its headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from msgspec import Struct

from ..base import Response
from ..refusals import said
from .columns import Schema, decode_schema
from .messages import Batch, Control, decode_batch
from .table import Got

__all__ = ["Answer", "Marks", "read_answer"]

OFFSET: Final = "electric-offset"
HANDLE: Final = "electric-handle"
CURSOR: Final = "electric-cursor"
SCHEMA: Final = "electric-schema"

_NOTHING_NEW = Batch(controls=frozenset({Control.UP_TO_DATE}), ends_up_to_date=True)


class Marks(Struct, frozen=True):
    """What an answer says about where it ends, and how its rows are read. None where it does not.

    Attributes:
        schema: the one that came first holds for all answers of a log.
    """

    offset: str | None = None
    handle: str | None = None
    cursor: str | None = None
    schema: Schema | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str], schema: Schema | None = None) -> Marks:
        """Read the headers; a schema that came before holds."""
        if schema is None and SCHEMA in headers:
            schema = decode_schema(headers[SCHEMA])
        return cls(headers.get(OFFSET), headers.get(HANDLE), headers.get(CURSOR), schema)


class Answer(NamedTuple):
    """An answer, understood.

    Attributes:
        missing: the headers that have to be there and are not.
    """

    got: Got
    marks: Marks
    batch: Batch = Batch()
    missing: tuple[str, ...] = ()


def read_answer(
    response: Response, *, is_live: bool, schema: Schema | None, expired: str | None
) -> Answer:
    """Say what an answer is.

    Args:
        response: the answer.
        is_live: it answers a question that the server may hold.
        schema: the one that came before, so that this answer needs none.
        expired: the handle that is known to be no longer served.
    """
    marks = Marks.of(response.headers, schema)
    if response.status == 409:
        return Answer(Got.ROTATED, marks)
    if response.status == 400 and "out of bounds" in _text(response):
        return Answer(Got.OUT_OF_BOUNDS, marks)
    if not 200 <= response.status < 300:
        return Answer(Got.REFUSED, marks)
    whole = None if marks.schema is None else marks.schema.whole
    batch = _NOTHING_NEW if response.status == 204 else decode_batch(response.body, whole)
    if batch is None:
        return Answer(Got.UNUSABLE, marks)
    if Control.MUST_REFETCH in batch.controls:
        return Answer(Got.ROTATED, marks)
    if response.status != 204:  # it is of an age that knew only the first two headers
        missing = _missing(marks, is_live=is_live)
        if missing:
            return Answer(Got.INCOMPLETE, marks, batch, missing)
    if expired is not None and marks.handle == expired:
        return Answer(Got.STALE, marks)
    if batch.ends_up_to_date:
        return Answer(Got.CAUGHT_UP, marks, batch)
    runs_on = Control.UP_TO_DATE in batch.controls
    return Answer(Got.RUNNING_ON if runs_on else Got.ROWS, marks, batch)


def _missing(marks: Marks, *, is_live: bool) -> tuple[str, ...]:
    needed = {
        OFFSET: marks.offset is not None,
        HANDLE: marks.handle is not None,
        CURSOR: marks.cursor is not None or not is_live,
        SCHEMA: marks.schema is not None or is_live,
    }
    return tuple(name for name, is_there in needed.items() if not is_there)


def _text(response: Response) -> str:
    return said(response.body) + response.body[:1000].decode("utf-8", "replace")
