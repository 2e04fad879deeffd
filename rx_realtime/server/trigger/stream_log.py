"""The log of a stream: what was written, in order, as much as is kept of it."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final, NamedTuple

from ...wire.trigger.encode_streams import StoredRecord
from .limits import TriggerLimits

__all__ = ["NewRecord", "StreamLog"]

#: Of so many writers it is known which of their chunks are there.
_WRITERS: Final = 1000


class NewRecord(NamedTuple):
    """What is to be stored: JSON on one line, what its sender calls it, and what kind it is."""

    data: bytes
    part_id: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class StreamLog:
    """Records, numbered from 0 without a hole. The oldest make room.

    Args:
        limits: how many of them are kept, and for how long.
    """

    def __init__(self, limits: TriggerLimits) -> None:
        self._limits = limits
        self._records: list[StoredRecord] = []
        self._trimmed = 0  # of the list: taken out all at once when they are the half of it
        self._last_entry = 0, -1
        self._writers: OrderedDict[str, int] = OrderedDict()
        self.tail = 0
        self.size = 0

    @property
    def records(self) -> list[StoredRecord]:
        """All that are kept."""
        return self._records[self._trimmed :]

    @property
    def head(self) -> int:
        """The number of the first record that is kept; the next one's where none is."""
        return self.tail - (len(self._records) - self._trimmed)

    @property
    def written_at(self) -> int:
        """When the last record was stored, in milliseconds since 1970."""
        return self._last_entry[0]

    def append(self, new: Iterable[NewRecord], now: float) -> None:
        """Store records that came together, at a time in seconds since 1970."""
        before = self._last_entry
        at = max(int(now * 1000), before[0])  # clocks may go back, ids may not
        entry = before[1] + 1 if at == before[0] else 0
        for each in new:
            record = StoredRecord(self.tail, at, entry, *each)
            self._records.append(record)
            self._last_entry = at, entry
            self.tail += 1
            self.size += record.size
        self.expire(now)
        limits = self._limits
        while self.tail - self.head > limits.max_stream_records:
            self.drop_oldest()
        while self.size > limits.max_stream_bytes:
            self.drop_oldest()

    def expire(self, now: float) -> None:
        """Let go of what is too old."""
        oldest = (now - self._limits.max_stream_age) * 1000
        while self.tail > self.head and self._records[self._trimmed].at < oldest:
            self.drop_oldest()

    def drop_oldest(self) -> None:
        """Let go of the oldest record."""
        self.size -= self._records[self._trimmed].size
        self._trimmed += 1
        if self._trimmed * 2 >= len(self._records):
            del self._records[: self._trimmed]
            self._trimmed = 0

    def read(self, position: int, *, count: int, size: int) -> list[StoredRecord]:
        """Return the records from a number on, or from the first that is kept.

        Args:
            count: not more than so many.
            size: and not more bytes, except where one record alone has more.
        """
        start = self._trimmed + max(position, self.head) - self.head
        found = list[StoredRecord]()
        for record in self._records[start : start + count]:
            size -= record.size
            if size < 0 and found:
                break
            found.append(record)
        return found

    def after(self, entry: tuple[int, int]) -> int:
        """Return the number of the first record that was stored after an entry."""
        place = bisect_right(self._records, entry, self._trimmed, key=_entry_of)
        return self.head + place - self._trimmed

    def last_chunk(self, writer: str) -> int:
        """Return which of a writer's chunks is the last that is stored; -1 for none."""
        return self._writers.get(writer, -1)

    def took_chunk(self, writer: str, index: int) -> None:
        """Remember that a writer's chunks are stored up to this one."""
        self._writers[writer] = index
        self._writers.move_to_end(writer)
        if len(self._writers) > _WRITERS:
            self._writers.popitem(last=False)


def _entry_of(record: StoredRecord) -> tuple[int, int]:
    return record.at, record.entry
