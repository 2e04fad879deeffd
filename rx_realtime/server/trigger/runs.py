"""Runs that are acted out: no engine executes them, a program says what happens in them."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast

from ...errors import LocalError
from ...wire.trigger.encode import RunRow
from ...wire.trigger.encode_packets import Packet, encode_packet, plain_value
from ...wire.trigger.packets import decode_packet
from ...wire.trigger.statuses import DB_OF_PUBLIC, ENDED, PUBLIC_OF_DB
from .packets import PacketStore
from .run_stream import RunStream
from .stream_store import Streams, StreamsVersion

__all__ = ["Ledger", "TaskRun", "now"]

_TICK = timedelta(milliseconds=1)


def now() -> datetime:
    """Return the time as finely as the database keeps it."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class Ledger(Protocol):
    """Where changes are counted, and told to those who wait for them."""

    packets: PacketStore
    streams: Streams

    def stamp(self, run: TaskRun) -> int:
        """Count a change of this run; return which one it was."""
        ...

    def announce(self, run: TaskRun) -> None:
        """Tell that the run has changed."""
        ...


class TaskRun:
    """A run that does what you say; feeds show each step of it.

    Every verb is awaited, so that feeds get their turn before the run goes on. Steps that follow
    each other faster than a client polls reach it as one.

    Attributes:
        id: as users know it.
        row: all that the database has about it.
        batch_id: the batch that it was triggered in.
        streams_version: in which dialect its streams are read.
        version: its latest change, counted over all runs.
        created_version: the change that made it.
        tagged: its tags, and the change by which it got each.
        previous: the row before the latest change, for whoever wants to be behind.
        task: what acts it out.
        moved: set at each change; whoever waits for the next one clears it.
    """

    def __init__(
        self,
        row: RunRow,
        *,
        batch_id: str | None,
        parent: TaskRun | None,
        streams_version: StreamsVersion,
        ledger: Ledger,
    ) -> None:
        self.id = row.friendly_id
        self.row = row
        self.previous = row
        self.batch_id = batch_id
        self.parent = parent
        self.streams_version: StreamsVersion = streams_version
        self.task: asyncio.Task[None] | None = None
        self._ledger = ledger
        self._ended = asyncio.Event()
        self.moved = asyncio.Event()
        self.version = self.created_version = ledger.stamp(self)
        self.tagged = dict.fromkeys(row.run_tags, self.version)

    @property
    def status(self) -> str:
        """Where it stands, in the public words; others as they are."""
        return PUBLIC_OF_DB.get(self.row.status, self.row.status)

    @property
    def is_over(self) -> bool:
        """Whether it can no longer change."""
        return self.row.completed_at is not None

    @property
    def payload(self) -> Any:
        """What it was triggered with: dates are dates where the client said so."""
        packet = Packet(self.row.payload, self.row.payload_type)
        return decode_packet(self._ledger.packets.fetched(packet))

    @property
    def metadata(self) -> dict[str, Any]:
        """What it says about itself."""
        said = plain_value(Packet(self.row.metadata, self.row.metadata_type))
        return cast(dict[str, Any], said) if isinstance(said, dict) else {}

    async def set_status(self, status: str) -> None:
        """Say where it stands: a public word, one of the database's, or one that nobody knows."""
        word = DB_OF_PUBLIC.get(status, status)
        at = now()
        changes: dict[str, Any] = {"status": word}
        if word == "EXECUTING":
            changes["started_at"] = self.row.started_at or at
        elif word == "PENDING":
            changes["queued_at"] = self.row.queued_at or at
        elif word == "EXPIRED":
            changes["expired_at"] = at
        if word in ENDED:
            changes["completed_at"] = at
        await self.change(**changes)

    async def set_metadata(self, metadata: Mapping[str, Any]) -> None:
        """Replace what it says about itself."""
        packet = encode_packet(dict(metadata))
        await self.change(metadata=packet.data, metadata_type=packet.type)

    async def add_tags(self, *tags: str) -> None:
        """Give it more tags. Those that it has already change nothing."""
        self.tag(*tags)
        await asyncio.sleep(0)

    def tag(self, *tags: str) -> None:
        """As `add_tags`, without letting anybody else have their turn. Also when it is over."""
        fresh = tuple(tag for tag in dict.fromkeys(tags) if tag not in self.tagged)
        if fresh:
            self._set(run_tags=(*self.row.run_tags, *fresh))

    async def complete(self, output: Any = None) -> None:
        """End with an output."""
        packet = self._ledger.packets.stored(f"{self.id}/output", encode_packet(output))
        await self._end("COMPLETED_SUCCESSFULLY", output=packet.data, output_type=packet.type)

    async def fail(self, error: BaseException | str) -> None:
        """End with an error."""
        await self._end("COMPLETED_WITH_ERRORS", error=_described(error))

    async def cancel(self) -> None:
        """End without either; the task that acts the run out is cancelled."""
        why = {"type": "STRING_ERROR", "raw": "Canceled by user"}
        await self._end("CANCELED", error=why)
        if self.task is not None and self.task is not asyncio.current_task():
            self.task.cancel()

    def stream(self, key: str = "default") -> RunStream:
        """Return one of its streams: to write into it, and to see what others wrote."""
        return self._ledger.streams.get(self.id, key)

    def announce_stream(self, key: str) -> None:
        """Let feeds say that it has a stream, as writing into it does. Once is enough.

        Raises:
            LocalError: if it is over.
        """
        if key not in self.row.realtime_streams:
            self.apply(realtime_streams=(*self.row.realtime_streams, key))

    async def until_over(self) -> None:
        """Wait until it can no longer change."""
        await self._ended.wait()

    async def change(self, **columns: Any) -> None:
        """Change columns of its row, by their names in Python.

        Raises:
            LocalError: if it is over.
        """
        self.apply(**columns)
        await asyncio.sleep(0)

    def apply(self, **columns: Any) -> None:
        """As `change`, without letting anybody else have their turn.

        Raises:
            LocalError: if it is over.
        """
        if self.is_over:
            raise LocalError(f"{self.id} is over: it is {self.status}")
        self._set(**columns)

    def _set(self, **columns: Any) -> None:
        self.previous = self.row
        # Clients tell old rows from new ones by this time: no two of a run may be the same.
        updated_at = max(now(), self.row.updated_at + _TICK)
        self.row = replace(self.row, updated_at=updated_at, **columns)
        self.version = self._ledger.stamp(self)
        for tag in self.row.run_tags:
            self.tagged.setdefault(tag, self.version)
        self.moved.set()
        if self.is_over:
            self._ended.set()
        self._ledger.announce(self)

    async def _end(self, status: str, **columns: Any) -> None:
        at = now()
        began = self.row.started_at
        spent = 0 if began is None else int((at - began) / _TICK)
        await self.change(status=status, completed_at=at, usage_duration_ms=spent, **columns)


def _described(error: BaseException | str) -> dict[str, Any]:
    if isinstance(error, str):
        return {"type": "STRING_ERROR", "raw": error}
    stack = "".join(traceback.format_exception(error))
    name = type(error).__name__
    return {"type": "BUILT_IN_ERROR", "name": name, "message": str(error), "stackTrace": stack}
