"""Runs as a list that is always complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import reactivex as rx
from reactivex import Observable, abc

from ...models import ABSENT, CaughtUp, RowDeleted, Run, RunChanged, Update
from ...models.table import Table

__all__ = ["RunsView", "viewed"]


@dataclass(frozen=True, slots=True)
class RunsView:
    """Some runs at one moment, and what has changed since the last view.

    Attributes:
        by_id: all of them.
        changed: those that are new or no longer what they were.
        removed: those that are gone.
    """

    by_id: Mapping[str, Run] = field(default_factory=Table[str, Run])
    changed: tuple[Run, ...] = ()
    removed: tuple[Run, ...] = ()

    @property
    def runs(self) -> tuple[Run, ...]:
        """All of them, oldest first."""

        def age(run: Run) -> tuple[datetime, int, str]:
            return run.created_at, run.number, run.id

        return tuple(sorted(self.by_id.values(), key=age))

    @property
    def is_empty(self) -> bool:
        """Whether there are none."""
        return not self.by_id


def viewed() -> Callable[[Observable[Update]], Observable[RunsView]]:
    """Collect the changes of runs, and deliver a view where the server says that it is complete."""

    def _viewed(source: Observable[Update]) -> Observable[RunsView]:
        def subscribe(
            observer: abc.ObserverBase[RunsView], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            runs = Table[str, Run]()
            changed, removed = dict[str, Run](), dict[str, Run]()

            def change(run: Any) -> None:
                changed[run.id] = run
                removed.pop(run.id, None)

            def remove(key: str) -> None:
                changed.pop(key, None)
                if run := runs.get(key):
                    removed[key] = run

            def view() -> RunsView:
                nonlocal runs
                runs = runs.changed({**changed, **dict.fromkeys(removed, ABSENT)})
                now = RunsView(runs, tuple(changed.values()), tuple(removed.values()))
                changed.clear()
                removed.clear()
                return now

            def on_next(update: Update) -> None:
                match update:
                    case RunChanged(data=Run() as run):
                        change(run)
                    case RowDeleted(key):
                        remove(key)
                    case CaughtUp():
                        observer.on_next(view())
                    case _:
                        pass

            return source.subscribe(
                on_next, observer.on_error, observer.on_completed, scheduler=scheduler
            )

        return rx.create(subscribe)

    return _viewed
