"""Where acted runs are kept, and for how long."""

from __future__ import annotations

from ...errors import LocalError
from ...wire.inngest.answers import RunState
from .publisher import Publisher
from .runs import ActedRun

__all__ = ["Runs"]


class Runs:
    """The runs, by their ids and by the events that started them.

    Args:
        emits: whether their subscribers are told how they go.
        limit: how many are kept. The oldest that are over make room for new ones.
    """

    def __init__(self, publisher: Publisher, *, emits: bool, limit: int) -> None:
        self._publisher = publisher
        self._emits = emits
        self._limit = limit
        self._by_id: dict[str, ActedRun] = {}

    def create(
        self, function: str, *, event_id: str, state: RunState = RunState.SCHEDULED
    ) -> ActedRun:
        """Make a run that has not begun.

        Raises:
            LocalError: if there are too many that are not over yet.
        """
        while len(self._by_id) >= self._limit:
            self._forget_oldest()
        run = ActedRun(
            self._publisher, function=function, event_id=event_id, emits=self._emits, state=state
        )
        self._by_id[run.id] = run
        return run

    def get(self, run_id: str) -> ActedRun | None:
        """Return a run."""
        return self._by_id.get(run_id)

    def of_event(self, event_id: str) -> list[ActedRun]:
        """Return the runs that an event started."""
        return [run for run in self._by_id.values() if run.event_id == event_id]

    def _forget_oldest(self) -> None:
        oldest = next((run.id for run in self._by_id.values() if run.state.is_terminal), None)
        if oldest is None:
            raise LocalError(f"there are {len(self._by_id)} runs, and none of them is over")
        del self._by_id[oldest]
