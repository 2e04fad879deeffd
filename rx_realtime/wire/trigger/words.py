"""What becomes of a row that is a run, in the words of all engines."""

from __future__ import annotations

from typing import Any, Final

from ...errors import WireError
from ...models import ABSENT, Invalid, RowDeleted, RunChanged, RunStatus, Update
from ...models.run import Run
from ..shape import Row, Words
from .rows import decode_row

__all__ = ["RUNS", "run_change"]


def run_change(run: Run) -> RunChanged:
    """Say in the words of all engines how a run stands."""
    status = run.run_status
    result: Any = run.output if status is _COMPLETED else ABSENT
    said = None if status is _UNKNOWN else status
    return RunChanged(said, result, run.id, run.updated_at, run)


#: Looking into an enum takes as long as a call.
_COMPLETED: Final = RunStatus.COMPLETED
_UNKNOWN: Final = RunStatus.UNKNOWN


def _changed(_: str, row: Row) -> Update:
    try:
        return run_change(decode_row(row))
    except WireError as error:
        return Invalid(str(error), data=row.columns)


def _deleted(key: str, row: Row) -> Update:
    try:
        run = decode_row(row)
    except WireError:
        return RowDeleted(key, row.columns)
    return RowDeleted(run.id, run)


#: Each change of a run is a `RunChanged` whose `data` is the `Run`; one that is gone, or no longer
#: selected, is a `RowDeleted` under its id. A row that is no run is said, and costs only itself.
RUNS: Final = Words(_changed, _deleted)
