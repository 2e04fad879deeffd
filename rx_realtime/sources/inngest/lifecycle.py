"""How a run stands, told by somebody else than its realtime connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ...models import Failed, RunChanged, Update
from ...operators import joined_by
from ...wire.inngest import Run
from ..options import at_once

__all__ = ["Lifecycle", "told_by"]

#: What tells it, such as `inngest.run(run_id)`.
Lifecycle: TypeAlias = Observable[Run] | Observable[RunChanged]

#: Seconds that the last messages may take after the REST API says that the run is over.
SETTLING: Final = 0.5


def told_by(lifecycle: Lifecycle | None) -> Callable[[Observable[Update]], Observable[Update]]:
    """Add what is told of the run, until the connection itself speaks about it: its word wins.

    The end of a run is told a moment later, that no message be lost. An error of `lifecycle` is
    shown as `Failed`, and ends the sequence.
    """
    if lifecycle is None:
        return lambda updates: updates
    told: Observable[Any] = lifecycle

    def change(row: Run | RunChanged) -> Observable[Update]:
        said = row.change() if isinstance(row, Run) else row
        settled = rx.timer(SETTLING) if said.is_terminal else at_once(0)
        return settled.pipe(ops.map(lambda _: said))

    def fail(error: Exception, _: Observable[Update]) -> Observable[Update]:
        return rx.concat(at_once(Failed(error)), rx.throw(error))

    changes = told.pipe(ops.concat_map(change), ops.catch(fail))
    return joined_by(changes, until=lambda update: isinstance(update, RunChanged))
