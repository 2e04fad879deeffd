"""Many runs, of either engine, as one stream of updates and one table."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeAlias, TypeVar, cast

from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import CompositeDisposable, Disposable, SingleAssignmentDisposable

from ..errors import OptionError
from ..models import RealtimeState, Update
from ..operators import chained, listen, shared
from ..transports import running_loop
from .feed import Feed
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


@dataclass(frozen=True, slots=True)
class RunUpdate(Generic[K]):
    """An update of one run of several.

    Attributes:
        key: whose.
        update: what happened.
        state: everything that is known of the run after it.
    """

    key: K
    update: Update
    state: RealtimeState[Any]


class MergedRuns(Generic[K]):
    """Runs side by side. Made by `merge_runs`.

    Cold until used: subscribing to either view connects all runs. A run that fails, or is over,
    keeps its last state in the table, and the others go on; all complete when every run is over.
    """

    def __init__(
        self,
        runs: list[tuple[K, Realtime[Any]]] | Observable[tuple[K, Realtime[Any]]],
        scheduler: abc.SchedulerBase | None = None,
    ) -> None:
        self._runs = runs
        self._scheduler = scheduler
        self._states = dict[K, RealtimeState[Any]]()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connected = False
        self._changes = chained(self._subscribe).pipe(shared())

    @property
    def updates(self) -> Feed[RunUpdate[K]]:
        """Every update of every run, tagged, as it happens. Nothing is repeated."""
        updates = self._changes.pipe(ops.filter(_is_update), ops.map(_update))
        return Feed(updates, scheduler=self._scheduler, home=self._home)

    @property
    def table(self) -> Feed[Mapping[K, RealtimeState[Any]]]:
        """The state of every run by its key: as it is now, and each time one of them changes."""

        def subscribe(
            observer: abc.ObserverBase[Mapping[K, RealtimeState[Any]]],
            scheduler: abc.SchedulerBase | None = None,
        ) -> abc.DisposableBase:
            latest: Mapping[K, RealtimeState[Any]] = {}

            def show(_: object = None) -> None:
                nonlocal latest
                if not _is_same(latest, self._states):
                    latest = MappingProxyType(dict(self._states))
                    observer.on_next(latest)

            if self._connected:
                show()
            return listen(
                self._changes, show, observer.on_error, observer.on_completed, scheduler=scheduler
            )

        return Feed(
            chained(subscribe), scheduler=self._scheduler, home=self._home, overflow=_all_alike
        )

    def _home(self) -> asyncio.AbstractEventLoop | None:
        return None if self._loop is None or self._loop.is_closed() else self._loop

    def _subscribe(
        self,
        observer: abc.ObserverBase[RunUpdate[K] | None],
        scheduler: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        """Deliver updates; None where only the table changes."""
        self._loop, self._connected = running_loop(), True

        def left() -> None:
            self._loop, self._connected = None, False

        whole = CompositeDisposable(Disposable(left))
        self._states.clear()
        going, no_more = 0, False

        def begin(pair: tuple[K, Realtime[Any]]) -> None:
            nonlocal going
            key, run = pair
            if key in self._states:
                observer.on_error(OptionError(f"two runs have the key {key!r:.80}"))
                return
            self._states[key] = run.current
            going += 1
            observer.on_next(None)
            place = SingleAssignmentDisposable()
            whole.add(place)

            def on_next(update: Update) -> None:
                state = self._states[key] = run.current
                observer.on_next(RunUpdate(key, update, state))

            def ended(_: Exception | None = None) -> None:  # its state tells how
                nonlocal going
                going -= 1
                whole.remove(place)
                finish()

            place.disposable = run.events.subscribe(on_next, ended, ended, scheduler=scheduler)

        def finish() -> None:
            if no_more and not going:
                observer.on_completed()

        def none_follow() -> None:
            nonlocal no_more
            no_more = True
            finish()

        if isinstance(self._runs, Observable):
            more = brought_here(self._runs)
            whole.add(listen(more, begin, observer.on_error, none_follow, scheduler=scheduler))
        else:
            for pair in self._runs:
                begin(pair)
            none_follow()
        return whole


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


def _is_update(change: RunUpdate[Any] | None) -> bool:
    return change is not None


def _update(change: RunUpdate[K] | None) -> RunUpdate[K]:
    assert change is not None
    return change


def _is_same(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    return len(one) == len(other) and all(one.get(key) is value for key, value in other.items())


def _all_alike(_: object) -> None:
    return None  # each table is a whole one
