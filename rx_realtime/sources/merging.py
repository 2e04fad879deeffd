"""Many runs, of either engine, as one stream of updates and one table."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar, cast

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ..models import RealtimeState
from ..operators import chained, listen, shared
from ..transports import running_loop
from .feed import Feed
from .following import NO_RUNS, Following, RunUpdate
from .options import brought_here
from .realtime import Realtime

__all__ = ["MergedRuns", "RunUpdate", "Runs", "merge_runs"]

K = TypeVar("K")

#: Runs by key; an observable of (key, run) adds runs as they come.
Runs: TypeAlias = (
    Mapping[K, Realtime[Any]]
    | Iterable[tuple[K, Realtime[Any]]]
    | Observable[tuple[K, Realtime[Any]]]
)


class MergedRuns(Generic[K]):
    """Runs side by side. Made by `merge_runs`.

    Cold until used: subscribing to either view connects all runs. A run that fails, or is over,
    keeps its last state in the table, and the others go on; all complete when every run is over.

    A change costs the same, however many runs there are.
    """

    def __init__(
        self,
        runs: list[tuple[K, Realtime[Any]]] | Observable[tuple[K, Realtime[Any]]],
        scheduler: abc.SchedulerBase | None = None,
    ) -> None:
        self._runs = runs
        self._scheduler = scheduler
        self._following: Following[K] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changes = chained(self._subscribe).pipe(shared())

    @property
    def updates(self) -> Feed[RunUpdate[K]]:
        """Every update of every run, tagged, as it happens. Nothing is repeated."""

        def subscribe(
            observer: abc.ObserverBase[RunUpdate[K]], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            def hand_on(change: RunUpdate[K] | None) -> None:
                if change is not None:
                    observer.on_next(change)

            return self._listen(hand_on, observer, scheduler)

        return Feed(chained(subscribe), scheduler=self._scheduler, home=self._home)

    @property
    def table(self) -> Feed[Mapping[K, RealtimeState[Any]]]:
        """The state of every run by its key: as it is now, and each time one of them changes."""

        def subscribe(
            observer: abc.ObserverBase[Mapping[K, RealtimeState[Any]]],
            scheduler: abc.SchedulerBase | None = None,
        ) -> abc.DisposableBase:
            latest: Mapping[K, RealtimeState[Any]] = NO_RUNS

            def show(_: object = None) -> None:
                nonlocal latest
                was, latest = latest, self._table()
                if latest is not was:
                    observer.on_next(latest)

            show()
            return self._listen(show, observer, scheduler)

        return Feed(
            chained(subscribe), scheduler=self._scheduler, home=self._home, overflow=_all_alike
        )

    def _table(self) -> Mapping[K, RealtimeState[Any]]:
        return NO_RUNS if self._following is None else self._following.table()

    def _listen(
        self,
        on_next: abc.OnNext[RunUpdate[K] | None],
        observer: abc.ObserverBase[Any],
        scheduler: abc.SchedulerBase | None,
    ) -> abc.DisposableBase:
        end, complete = observer.on_error, observer.on_completed
        return listen(self._changes, on_next, end, complete, scheduler=scheduler)

    def _home(self) -> asyncio.AbstractEventLoop | None:
        if self._loop is not None and self._loop.is_closed():
            # Whoever was subscribed there was left without a word: begin anew.
            self._loop = self._following = None
            self._changes = chained(self._subscribe).pipe(shared())
        return self._loop

    def _subscribe(
        self,
        observer: abc.ObserverBase[RunUpdate[K] | None],
        scheduler: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        following = self._following = Following(observer, scheduler)
        self._loop = running_loop()

        def leave() -> None:
            following.dispose()
            if self._following is following:  # and not the next one already
                self._loop = self._following = None

        if isinstance(self._runs, Observable):
            following.add_all(brought_here(self._runs))
        else:
            for pair in self._runs:
                following.add(pair)
            following.finish()
        return Disposable(leave)


def merge_runs(runs: Runs[K], *, scheduler: abc.SchedulerBase | None = None) -> MergedRuns[K]:
    """Follow many runs, of either engine, as one.

        merged = merge_runs({"video": inngest.realtime(…), "report": trigger.realtime(…)})
        async for each in merged.updates:
            print(each.key, each.state.run_status)

    Args:
        runs: runs by key, as a mapping or as pairs; an observable of pairs adds runs as they come.
        scheduler: takes the place of the event loop's, as virtual time does in tests.

    Errors:
        OptionError: two runs have one key. What runs fail with is in their states.
    """
    if isinstance(runs, Observable):
        return MergedRuns(runs, scheduler)
    if isinstance(runs, Mapping):
        return MergedRuns([*cast(Mapping[K, Realtime[Any]], runs).items()], scheduler)
    return MergedRuns([*runs], scheduler)  # a list: there may be more than one subscription


def _all_alike(_: object) -> None:
    return None  # each table is a whole one
