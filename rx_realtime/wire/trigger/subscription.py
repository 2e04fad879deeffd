"""The run wire: a shape whose rows are runs."""

from __future__ import annotations

from typing import Any, Self

from msgspec import Struct

from ...errors import WireError
from ...models import (
    ABSENT,
    Invalid,
    RowChanged,
    RowDeleted,
    RunChanged,
    RunStatus,
    SubscriptionToken,
    Update,
)
from ...models.run import Run
from ..base import Opening, Response, Step
from ..shape import ShapeWire
from .rows import decode_row

__all__ = ["RunsWire", "run_change"]


class RunsWire(Struct, frozen=True):
    """Some runs: one, those with some tags, those of a batch.

    Each change of a run is a `RunChanged` whose `data` is the `Run`; a run that is gone, or no
    longer one of those, is a `RowDeleted` under its id.
    """

    shape: ShapeWire

    def open(self, token: SubscriptionToken) -> Opening[Self]:
        """Ask for what comes next."""
        shape, request = self.shape.open(token)
        return Opening(type(self)(shape), request)

    def receive(self, got: Response) -> Step[Self]:
        """Understand an answer. A row that is no run is reported, and costs only itself."""
        shape, updates = self.shape.receive(got)
        return Step(type(self)(shape), tuple(map(_of_run, updates)))

    def rested(self) -> Self:
        """Return the wire of who was away."""
        return type(self)(self.shape.rested())


def run_change(run: Run) -> RunChanged:
    """Say in the words of all engines how a run stands."""
    status = run.run_status
    result: Any = run.output if status is RunStatus.COMPLETED else ABSENT
    said = None if status is RunStatus.UNKNOWN else status
    return RunChanged(said, result, run.id, run.updated_at, run)


def _of_run(update: Update) -> Update:
    if isinstance(update, RowChanged):
        try:
            return run_change(decode_row(update.row))
        except WireError as error:
            return Invalid(str(error), data=update.row)
    if isinstance(update, RowDeleted):
        try:
            run = decode_row(update.row)
        except WireError:
            return update
        return RowDeleted(run.id, run)
    return update
