"""Which runs a feed shows, and since when one of them belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from .runs import TaskRun

__all__ = ["OfBatch", "OfRun", "RunFilter", "WithTags"]


class RunFilter(Protocol):
    """Chooses runs."""

    def shows(self, run: TaskRun) -> bool:
        """Whether a run is in the feed."""
        ...

    def joined(self, run: TaskRun) -> int:
        """Return the change by which a run that is in the feed came into it."""
        ...


@dataclass(frozen=True, slots=True)
class OfRun:
    """One run."""

    id: str

    def shows(self, run: TaskRun) -> bool:
        """Whether it is this one."""
        return run.id == self.id

    def joined(self, run: TaskRun) -> int:
        """It was in its own feed from its beginning."""
        return run.created_version


@dataclass(frozen=True, slots=True)
class OfBatch:
    """The runs of a batch."""

    id: str

    def shows(self, run: TaskRun) -> bool:
        """Whether it was triggered in this batch."""
        return run.batch_id == self.id

    def joined(self, run: TaskRun) -> int:
        """Runs never change their batch."""
        return run.created_version


@dataclass(frozen=True, slots=True)
class WithTags:
    """The runs that have all of these tags, and are not older than that."""

    tags: tuple[str, ...]
    since: datetime

    def shows(self, run: TaskRun) -> bool:
        """Whether it has them all."""
        return run.row.created_at >= self.since and all(tag in run.tagged for tag in self.tags)

    def joined(self, run: TaskRun) -> int:
        """Tags can be added later."""
        return max(run.created_version, *(run.tagged[tag] for tag in self.tags), 0)
