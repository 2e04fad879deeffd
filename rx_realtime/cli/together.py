"""Runs of either engine, each with a connection of its own, followed together."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

import click
from reactivex import operators as ops

from ..errors import RealtimeError
from ..models import ConnectionStatus, RealtimeState
from ..sources import Realtime, RunUpdate, merge_runs
from .board import Board, board_screen
from .clean import clean
from .exits import Exit
from .follow import in_time
from .row import row_of_view
from .seen import Note, Seen
from .show import See, over, write_lines
from .view import View

__all__ = ["Together", "follow_together"]

#: What to worry about first.
_LINKS: Final = (
    ConnectionStatus.ERROR,
    ConnectionStatus.CLOSED,
    ConnectionStatus.CONNECTING,
    ConnectionStatus.OPEN,
)


@dataclass(frozen=True, slots=True)
class Together:
    """What is known of each run, by its name."""

    place: str
    runs: Mapping[str, View] = field(default_factory=dict[str, View])

    @classmethod
    def of(cls, names: tuple[str, ...], place: str) -> Together:
        """Return what is known before anything was said."""
        return cls(place, {name: View(name, "", RealtimeState(), Seen(), 0.0) for name in names})

    def after(self, told: RunUpdate[str], now: float) -> Together:
        """Return it after one more update.

        Args:
            now: seconds since the viewer came.
        """
        view = self.runs[told.key]
        seen = view.seen.after(told.update, now)
        return replace(
            self, runs={**self.runs, told.key: replace(view, state=told.state, seen=seen)}
        )

    def board(self, at: datetime, now: float) -> Board:
        """Return how it looks at this time."""
        count = len(self.runs)
        state: RealtimeState[Any] = RealtimeState(connection_status=self._link)
        title = f"{count} run{'s' * (count != 1)}"
        rows = tuple(row_of_view(view, at) for view in self.runs.values())
        return Board(View(title, self.place, state, Seen(note=self._note), now), rows)

    @property
    def _link(self) -> ConnectionStatus:
        """The connection to worry about first, of the runs that go on."""
        states = [view.state for view in self.runs.values()]
        links = {each.connection_status for each in states if not each.run_status.is_terminal}
        return next((link for link in _LINKS if link in links), ConnectionStatus.CLOSED)

    @property
    def _note(self) -> Note | None:
        """What there is to know of the first run that goes on and has something."""
        for name, view in self.runs.items():
            note = view.seen.note
            if note is not None and not view.state.run_status.is_terminal:
                return replace(note, text=f"{name}: {note.text}")
        return None


async def follow_together(
    runs: Mapping[str, Realtime[Any]],
    *,
    place: str,
    is_live: bool,
    as_json: bool,
    within: float | None,
) -> Exit:
    """Show runs until all are over, and say how they ended.

    A run that cannot be followed costs only itself: what kept us is said on standard error.

    Args:
        within: seconds; None waits as long as it takes.
    """
    together = Together.of(tuple(runs), place)
    began = datetime.now(UTC)
    lines: dict[str, See] = {name: write_lines(json=as_json, of=name) for name in runs}

    def draw(told: RunUpdate[str]) -> None:
        nonlocal together
        together = together.after(told, (datetime.now(UTC) - began).total_seconds())

    def write(told: RunUpdate[str]) -> None:
        lines[told.key](told.update)

    async def show() -> None:
        updates = merge_runs(runs).updates
        with board_screen(lambda: together) if is_live else contextlib.nullcontext():
            await over(updates.pipe(ops.do_action(draw if is_live else write)))

    if not await in_time(show(), within, lambda: "the runs were not over"):
        return Exit.TIMED_OUT
    return Exit.of_all([_outcome(name, run.current) for name, run in runs.items()])


def _outcome(name: str, state: RealtimeState[Any]) -> Exit:
    """Return how a run ended; say what kept us from knowing."""
    if state.run_status.is_terminal or state.error is None:
        return Exit.of_run(state.run_status)
    if not isinstance(state.error, RealtimeError):
        raise state.error
    click.echo(clean(f"rx-realtime: {name}: {state.error}"), err=True)
    return Exit.of_error(state.error)
