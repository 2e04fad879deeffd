"""A stream of a run, as a program that acts the run out has it in hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any, Final

from pydantic_core import to_json

from ...wire.trigger.encode_streams import StoredRecord
from ...wire.trigger.records import CONTROL
from ..bell import Bell
from ..clock import Clock
from .ids import new_part_id
from .limits import TriggerLimits
from .stream_body import StreamBody
from .stream_log import NewRecord, StreamLog

__all__ = ["INPUT", "RunStream"]

#: Before the name of an input stream, where it is stored.
INPUT: Final = "$trigger.input:"


class RunStream:
    """What was written into a stream, and who reads it.

    Attributes:
        key: its name.
        log: what is kept.
        written: rung when there is more to read.
    """

    def __init__(
        self,
        key: str,
        limits: TriggerLimits,
        clock: Clock,
        *,
        begun: Callable[[], None],
        grown: Callable[[RunStream], None],
    ) -> None:
        self.key = key
        self.log = StreamLog(limits)
        self.written = Bell()
        self._clock = clock
        self._begun = begun
        self._grown = grown
        self._bodies: set[StreamBody] = set()
        self._moved = Bell()

    @property
    def chunks(self) -> list[Any]:
        """What was written into it, as values; as much as is kept."""
        return [json.loads(record.data) for record in self.records if not record.headers]

    @property
    def records(self) -> list[StoredRecord]:
        """What was written into it, as it is stored."""
        return self.log.records

    @property
    def readers(self) -> int:
        """How many read it now."""
        return len(self._bodies)

    async def write(self, *chunks: Any, part_id: str | None = None) -> None:
        """Write chunks, anything that JSON can say; feeds say from now on that there is a stream.

        Args:
            part_id: what their sender calls them all, to say the same thing twice; by default
                each has an id of its own.
        """
        self._begun()
        for chunk in chunks:
            self.store([NewRecord(to_json(chunk), part_id or new_part_id())])
        await asyncio.sleep(0)

    async def control(self, subtype: str, **headers: str) -> None:
        """Say something about the stream, as `turn-complete`; readers are shown no chunk."""
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        self.store([NewRecord(b"", None, ((CONTROL, subtype), *named))])
        await asyncio.sleep(0)

    async def command(self, name: str = "trim") -> None:
        """Say something to the store: it takes a number, and no reader is shown it."""
        self.store([NewRecord(b"", None, (("", name),))])
        await asyncio.sleep(0)

    def trim(self, kept: int = 0) -> None:
        """Let go of all records but the last ones."""
        while self.log.tail - self.log.head > kept:
            self.log.drop_oldest()

    async def until_readers(self, count: int) -> None:
        """Wait until exactly so many read it."""
        await self._moved.until(lambda: self.readers == count)

    async def until_read(self, readers: int = 1) -> None:
        """Wait until at least so many read it, and all of them were told all that there is."""
        await self._moved.until(lambda: self.readers >= readers and self._all_wait())

    async def until_written(self, count: int) -> None:
        """Wait until so many records were written since its beginning."""
        await self.written.until(lambda: self.log.tail >= count)

    # ── for the server ────────────────────────────────────────────────────────────────────────

    def store(self, new: Iterable[NewRecord]) -> None:
        """Store what came together, and wake those who read."""
        self.log.append(new, self._clock.now)
        self._grown(self)
        self.written.ring()
        self._moved.ring()

    @contextmanager
    def read_by(self, body: StreamBody) -> Generator[None]:
        """Count a reader while the block runs."""
        self._bodies.add(body)
        self._moved.ring()
        try:
            yield
        finally:
            self._bodies.discard(body)
            self._moved.ring()

    @contextmanager
    def awaited_by(self, body: StreamBody) -> Generator[None]:
        """Let it be known, while the block runs, that a reader was told all that there is."""
        body.is_waiting = True
        self._moved.ring()
        try:
            yield
        finally:
            body.is_waiting = False

    def _all_wait(self) -> bool:
        return all(body.is_waiting and body.position >= self.log.tail for body in self._bodies)
