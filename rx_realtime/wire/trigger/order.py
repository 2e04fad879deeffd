"""A place in a stream's log: each record once, in order, across connections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from ...models import Gap
from .records import Batch, Record, place_of

__all__ = ["Order", "Ordered"]

#: How many records may wait for one before them.
MAX_HELD: Final = 64
#: The largest second part of an id of the older dialect.
_LAST: Final = 2**64 - 1
#: As many lines as there may be with an id that was given to us.
_ALL: Final = 1 << 62


class Ordered(NamedTuple):
    """The place after some records, and those that are due."""

    order: Order
    due: list[Record | Gap]


class Order(Struct, frozen=True):
    """Where a reader stands.

    Records of the newer dialect are numbered without a hole: one that comes too early waits for
    those before it. Lines of the older one have the id of what they were stored with, which several
    may share.

    Attributes:
        cursor: the id to go on after; empty at the beginning.
        number: the last number, in the newer dialect.
        held: records that came too early.
        to_skip: how many lines are not wanted, in the older dialect: its server cannot count.
        lines: how many lines came with the cursor's id.
        again: how many of these may come again on this connection.
        at: when the last record was stored.
    """

    cursor: str = ""
    number: int | None = None
    held: tuple[Record, ...] = ()
    to_skip: int = 0
    lines: int = 0
    again: int = 0
    at: datetime | None = None

    @classmethod
    def starting(cls, index: int) -> Self:
        """Begin with the chunk of this index; 1 is the first of all."""
        if index <= 1:
            return cls()
        return cls(cursor=str(index - 2), number=index - 2, to_skip=index - 1)

    @classmethod
    def after(cls, cursor: str) -> Self:
        """Begin after the chunk with this id."""
        number = int(cursor) if cursor.isdecimal() and len(cursor) < 20 else None
        return cls(cursor=cursor, number=number, lines=_ALL)

    @property
    def resumes_after(self) -> str:
        """The id that a server is told to go on after; empty is from the beginning.

        A line may be one of several with its id, and the others may not have come: they are asked
        for by the id just before, and those that came are passed over.
        """
        place = place_of(self.cursor) if 0 < self.lines < _ALL else None
        if place is None:
            return self.cursor
        time, number = place
        if number:
            return f"{time}-{number - 1}"
        return f"{time - 1}-{_LAST}" if time else ""

    def reopened(self) -> Order:
        """Return the place at the begin of a connection: what was held will come again."""
        return replace(self, held=(), again=self.lines)

    def in_lines(self, records: Iterable[Record]) -> Ordered:
        """Take in lines of the older dialect."""
        cursor, lines, again, to_skip, at = (
            self.cursor, self.lines, self.again, self.to_skip, self.at,
        )  # fmt: skip
        place, due = place_of(cursor), list[Record | Gap]()
        for record in records:
            if record.id and record.id == cursor:
                if again:
                    again -= 1
                    continue
                lines += 1
            else:
                if place is not None and record.place is not None and record.place <= place:
                    continue
                if record.id:
                    cursor, place = record.id, record.place
                lines, again, at = 1, 0, record.at or at
            if to_skip:
                to_skip -= 1
            else:
                due.append(record)
        return Ordered(Order(cursor, self.number, self.held, to_skip, lines, again, at), due)

    def batch(self, batch: Batch, *, keeps_tail: bool = False) -> Ordered:
        """Take in records of the newer dialect.

        Args:
            batch: what came.
            keeps_tail: where nothing came yet, begin with what comes next, also after a break.
        """
        order, due = self.expected(batch.records) or self._sorted(batch.records)
        if keeps_tail and batch.tail and not order.cursor:
            order = replace(order, number=batch.tail - 1, cursor=str(batch.tail - 1))
        if len(order.held) <= MAX_HELD:
            return Ordered(order, due)
        order, late = order.released()
        return Ordered(order, [*due, *late])

    def expected(self, records: Sequence[Record]) -> Ordered | None:
        """Take in records of the newer dialect that are exactly the next ones, as nearly always.

        Returns:
            What `batch` does of each of the batches that they came in; None where they are not
            that, or where there are none.
        """
        if self.held or not records:
            return None
        last = self.number
        for record in records:
            if last is not None and record.number != last + 1:
                return None
            last = record.number
        at = next((record.at for record in reversed(records) if record.at is not None), None)
        return Ordered(_past(self, records[-1], at), [*records])

    def _sorted(self, records: Sequence[Record]) -> Ordered:
        """Take in records in any order, new or not, with holes between them."""
        order, due = self, list[Record | Gap]()
        early = list[Record]()
        for record in sorted((*self.held, *records), key=_number):
            number = _number(record)
            if order.number is None or number == order.number + 1:
                due.append(record)
                order = _past(order, record, record.at)
            elif number > order.number:
                early.append(record)
        return Ordered(replace(order, held=tuple(early)), due)

    def released(self) -> Ordered:
        """Let go of what waits: what it waits for is no longer kept, and that is said."""
        order, due = replace(self, held=()), list[Record | Gap]()
        for record in self.held:
            number = _number(record)
            if order.number is not None and number <= order.number:
                continue
            if order.number is not None and number > order.number + 1 and record.at is not None:
                due.append(Gap("trimmed", order.at or record.at, record.at))
            due.append(record)
            order = _past(order, record, record.at)
        return Ordered(order, due)


def _past(order: Order, record: Record, at: datetime | None) -> Order:
    return replace(order, cursor=record.id, number=record.number, at=at or order.at)


def _number(record: Record) -> int:
    return record.number or 0
