"""How a run stands, told by somebody else than its realtime connection."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ...models import Failed, RunChanged, Update
from ...wire.inngest import Run
from ..options import at_once

__all__ = ["Lifecycle", "changes_of", "is_about_the_run"]

#: What tells it, such as `inngest.run(run_id)`.
Lifecycle: TypeAlias = Observable[Run] | Observable[RunChanged]

#: Seconds that the last messages may take after the REST API says that the run is over.
SETTLING: Final = 0.5


def changes_of(lifecycle: Lifecycle | None) -> Observable[Update]:
    """Say as updates what is told of the run: its end a moment later, that no message be lost.

    Its error is shown as `Failed`, and ends the sequence.
    """
    told: Observable[Any] = rx.empty() if lifecycle is None else lifecycle

    def change(row: Run | RunChanged) -> Observable[Update]:
        said = row.change() if isinstance(row, Run) else row
        settled = rx.timer(SETTLING) if said.is_terminal else at_once(0)
        return settled.pipe(ops.map(lambda _: said))

    def fail(error: Exception, _: Observable[Update]) -> Observable[Update]:
        return rx.concat(at_once(Failed(error)), rx.throw(error))

    return told.pipe(ops.concat_map(change), ops.catch(fail))


def is_about_the_run(update: Update) -> bool:
    """Whether the connection itself speaks about the run: then its word wins."""
    return isinstance(update, RunChanged)
