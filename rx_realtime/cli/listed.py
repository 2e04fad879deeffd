"""Runs of Trigger.dev that share a feed, those of a batch or with tags, followed as a list."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from datetime import datetime

from reactivex import Observable
from reactivex import operators as ops

from ..models import RealtimeState, Update, reduce_state
from ..sources.trigger import RunsView
from ..sources.trigger.view import viewed
from .board import Board, board_screen
from .exits import Exit
from .follow import in_time
from .row import row_of_run
from .seen import Seen
from .show import See, over, write_lines
from .view import View

__all__ = ["Listed", "follow_list"]


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known of the runs, and of the connection that they share."""

    view: View
    runs: RunsView = field(default_factory=RunsView)

    def after(self, update: Update) -> Listed:
        """Return it after one more update; the runs themselves come as views."""
        view = self.view
        state, seen = reduce_state(view.state, update), view.seen.after(update, view.now)
        return replace(self, view=replace(view, state=state, seen=seen))

    def board(self, at: datetime, now: float) -> Board:
        """Return how it looks at this time."""
        rows = tuple(row_of_run(run, at) for run in self.runs.runs)
        return Board(replace(self.view, now=now), rows)

    @property
    def is_over(self) -> bool:
        """Whether there are runs, and none of them can change."""
        return not self.runs.is_empty and all(run.is_terminal for run in self.runs.runs)

    @property
    def outcome(self) -> Exit:
        """The exit code for how they ended."""
        return Exit.of_all(Exit.of_run(run.run_status) for run in self.runs.runs)


async def follow_list(
    updates: Observable[Update],
    *,
    title: str,
    place: str,
    is_live: bool,
    as_json: bool,
    ends: bool,
    within: float | None,
) -> Exit:
    """Show runs as they change, and say how they ended.

    Args:
        ends: whether that is when all of them are over; otherwise it goes on.
        within: seconds; None waits as long as it takes.

    Raises:
        RealtimeError: what ended it otherwise.
    """
    listed = Listed(View(title, place, RealtimeState(), Seen(), 0.0))

    def see(update: Update) -> None:
        nonlocal listed
        listed = listed.after(update)

    def take(runs: RunsView) -> None:
        nonlocal listed
        listed = replace(listed, runs=runs)

    def goes_on(_: RunsView) -> bool:
        return not (ends and listed.is_over)

    async def show() -> None:
        tell: See = see if is_live else write_lines(json=as_json)
        views = updates.pipe(ops.do_action(tell), viewed(), ops.do_action(take))
        with board_screen(lambda: listed) if is_live else contextlib.nullcontext():
            await over(views.pipe(ops.take_while(goes_on, inclusive=True)))

    if not await in_time(show(), within, lambda: "the runs were not over"):
        return Exit.TIMED_OUT
    return listed.outcome
