"""All runs, in the order of their latest change, and who waits for the next one."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import Any

from ...errors import LocalError
from ...wire.trigger.encode import RunRow
from ..clock import Clock
from .filters import RunFilter
from .ids import friendly_id, new_id
from .limits import TriggerLimits
from .packets import PacketStore
from .run_stream import INPUT
from .runs import TaskRun, now
from .stream_store import Streams, StreamsVersion

__all__ = ["Runs"]


class Runs:
    """Keeps a bounded number of runs; the oldest that are over make room for new ones."""

    def __init__(self, limits: TriggerLimits, clock: Clock | None = None) -> None:
        self._limits = limits
        self._by_id: dict[str, TaskRun] = {}
        self._by_change: OrderedDict[str, TaskRun] = OrderedDict()
        self._numbers: Counter[str] = Counter()
        self._sizes: dict[str, int] = {}
        self.packets = PacketStore(limits)
        self.streams = Streams(limits, clock or Clock(), self._announce_stream)
        self._waiting: dict[asyncio.Event, RunFilter] = {}
        self._bytes = 0
        self.version = 0

    def __iter__(self) -> Iterator[TaskRun]:
        """Go through the runs, oldest first."""
        return iter(tuple(self._by_id.values()))

    def create(
        self,
        task: str,
        *,
        batch_id: str | None = None,
        parent: TaskRun | None = None,
        streams_version: StreamsVersion = "v1",
        **columns: Any,
    ) -> TaskRun:
        """Make a run that waits for its turn.

        Raises:
            LocalError: if there are too many that are not over yet.
        """
        self._make_room()
        self._numbers[task] += 1
        internal, at = new_id(), now()
        waiting: dict[str, Any] = {"status": "PENDING", "queued_at": at}
        row = RunRow(
            id=internal,
            friendly_id=friendly_id("run", internal),
            task_identifier=task,
            created_at=at,
            updated_at=at,
            number=self._numbers[task],
            **waiting | columns,
        )
        run = TaskRun(
            row, batch_id=batch_id, parent=parent, streams_version=streams_version, ledger=self
        )
        self.announce(run)
        return run

    def get(self, run_id: str) -> TaskRun | None:
        """Return a run."""
        return self._by_id.get(run_id)

    def children_of(self, run: TaskRun) -> list[TaskRun]:
        """Return the runs that a run triggered."""
        return [each for each in self if each.parent is run]

    def matching(self, chosen: RunFilter) -> list[TaskRun]:
        """Return the runs that a feed shows, oldest first, and not more than a limit allows."""
        return [run for run in self if chosen.shows(run)][-self._limits.max_list :]

    def changed_since(self, version: int, chosen: RunFilter) -> list[TaskRun]:
        """Return the runs of a feed that have changed, in the order of their latest change."""
        recent = takewhile(lambda run: run.version > version, reversed(self._by_change.values()))
        return [run for run in recent if chosen.shows(run)][::-1]

    @contextmanager
    def watching(self, chosen: RunFilter) -> Generator[asyncio.Event]:
        """Set the event whenever a run of a feed changes, while the block runs."""
        changed = asyncio.Event()
        self._waiting[changed] = chosen
        try:
            yield changed
        finally:
            del self._waiting[changed]

    def wake_all(self) -> None:
        """Wake everybody who waits, although nothing changed."""
        for event in self._waiting:
            event.set()

    def stamp(self, run: TaskRun) -> int:
        """Count a change of this run; return which one it was."""
        self.version += 1
        self._by_id.setdefault(run.id, run)
        self._by_change[run.id] = run
        self._by_change.move_to_end(run.id)
        self._bytes += (size := _size_of(run.row)) - self._sizes.get(run.id, 0)
        self._sizes[run.id] = size
        return self.version

    def announce(self, run: TaskRun) -> None:
        """Wake those whose feed shows the run that has changed."""
        for event, chosen in self._waiting.items():
            if chosen.shows(run):
                event.set()

    def _announce_stream(self, run_id: str, key: str) -> None:
        # As the vendor's SDK does before it writes. Inputs are written by others, and are no news.
        run = self._by_id.get(run_id)
        if run is not None and not run.is_over and not key.startswith(INPUT):
            run.announce_stream(key)

    def _make_room(self) -> None:
        while len(self._by_id) >= self._limits.max_runs or self._bytes >= self._limits.max_bytes:
            oldest = next((run.id for run in self._by_id.values() if run.is_over), None)
            if oldest is None:
                raise LocalError(f"there are {len(self._by_id)} runs, and none of them is over")
            del self._by_id[oldest]
            del self._by_change[oldest]
            self._bytes -= self._sizes.pop(oldest)


def _size_of(row: RunRow) -> int:
    """Return about how many bytes a row has."""
    texts = (row.payload, row.output, row.metadata)
    return sum(len(text) for text in texts if text is not None)
