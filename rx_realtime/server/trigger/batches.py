"""Batches: how many runs they are to have, and which they have by now."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from .ids import friendly_id, new_id
from .runs import now

__all__ = ["Batch", "Batches"]

_KEPT = 1000


@dataclass(slots=True)
class Batch:
    """A batch.

    Attributes:
        run_count: how many runs it is to have.
        runs: the ids of those it has, by their index.
    """

    run_count: int
    id: str = field(default_factory=lambda: friendly_id("batch", new_id()))
    runs: dict[int, str] = field(default_factory=dict[int, str])
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    idempotency_key: str | None = None

    @property
    def is_sealed(self) -> bool:
        """Whether it has all of its runs."""
        return len(self.runs) >= self.run_count

    @property
    def run_ids(self) -> list[str]:
        """The ids of its runs, in the order of their indices."""
        return [self.runs[index] for index in sorted(self.runs)]


class Batches:
    """The latest batches."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, Batch] = OrderedDict()

    def create(self, run_count: int, *, idempotency_key: str | None = None) -> Batch:
        """Make a batch that has no runs yet."""
        batch = Batch(run_count, idempotency_key=idempotency_key)
        self._by_id[batch.id] = batch
        if len(self._by_id) > _KEPT:
            self._by_id.popitem(last=False)
        return batch

    def get(self, batch_id: str) -> Batch | None:
        """Return a batch."""
        return self._by_id.get(batch_id)
