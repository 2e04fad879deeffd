"""Runs that are followed side by side, and the state of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, SingleAssignmentDisposable

from ..errors import OptionError
from ..models import RealtimeState, Update
from ..models.table import Table
from ..operators import listen
from .realtime import Realtime

__all__ = ["NO_RUNS", "Following", "RunUpdate"]

K = TypeVar("K")

NO_RUNS: Final[Table[Any, RealtimeState[Any]]] = Table()


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


class Following(abc.DisposableBase, Generic[K]):
    """Subscriptions to many runs, which are left together.

    Args:
        observer: told every update, and None where only the table changes; it is over when all
            runs are, and no more follow.
        scheduler: with which runs are subscribed to.
    """

    def __init__(
        self,
        observer: abc.ObserverBase[RunUpdate[K] | None],
        scheduler: abc.SchedulerBase | None,
    ) -> None:
        self._observer = observer
        self._scheduler = scheduler
        self._whole = CompositeDisposable()
        self._going, self._no_more_follow = 0, False
        # Updates are many, and tables are looked at by few: there the states wait until one is.
        self._fresh = dict[K, RealtimeState[Any]]()
        self._known: Table[K, RealtimeState[Any]] = NO_RUNS

    def table(self) -> Table[K, RealtimeState[Any]]:
        """Return the state of every run; the very same table while none of them changes."""
        known, fresh, self._fresh = self._known, self._fresh, {}
        changes = {key: state for key, state in fresh.items() if known.get(key) is not state}
        self._known = known.changed(changes)
        return self._known

    def add_all(self, pairs: Observable[tuple[K, Realtime[Any]]]) -> None:
        """Follow runs as they come."""
        self._whole.add(
            listen(pairs, self.add, self._observer.on_error, self.finish, scheduler=self._scheduler)
        )

    def add(self, pair: tuple[K, Realtime[Any]]) -> None:
        """Follow one more run."""
        key, run = pair
        if key in self._fresh or key in self._known:
            self._observer.on_error(OptionError(f"two runs have the key {key!r:.80}"))
            return
        self._fresh[key] = run.current
        self._going += 1
        self._observer.on_next(None)
        place = SingleAssignmentDisposable()
        self._whole.add(place)

        def on_next(update: Update) -> None:
            self._fresh[key] = state = run.current
            self._observer.on_next(RunUpdate(key, update, state))

        def ended(_: object = None) -> None:  # its error is in its state
            self._going -= 1
            self._whole.remove(place)
            self._finish()

        place.disposable = run.events.subscribe(on_next, ended, ended, scheduler=self._scheduler)

    def finish(self) -> None:
        """Be over with the last run: no more follow."""
        self._no_more_follow = True
        self._finish()

    def dispose(self) -> None:
        """Leave all runs."""
        self._whole.dispose()

    def _finish(self) -> None:
        if self._no_more_follow and not self._going:
            self._observer.on_completed()
