"""Following runs of Trigger.dev: one as a screen of its own, many as a board."""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import click
from reactivex import Observable
from reactivex import operators as ops
from rich.console import Console
from rich.live import Live

from ..models import RealtimeState, Update
from ..sources import Token
from ..sources.trigger import RunsView
from ..sources.trigger.view import viewed
from .board import Board, render_board
from .exits import Exit
from .follow import in_time
from .seen import Seen
from .show import See, over, write_lines
from .view import View

__all__ = ["checked_key", "follow_runs", "is_run_id", "outcome", "where"]

_RUN_ID: Final = re.compile(r"run_\w+")
_PER_SECOND: Final = 10


def is_run_id(text: str) -> bool:
    """Whether it is the id of a run of Trigger.dev."""
    return _RUN_ID.fullmatch(text) is not None


def checked_key(token: Token | None) -> None:
    """Say at once that there is no key.

    Raises:
        UsageError: if neither the options nor the environment name one.
    """
    names = ("TRIGGER_SECRET_KEY", "TRIGGER_ACCESS_TOKEN")
    if token is None and not any(map(os.environ.get, names)):
        raise click.UsageError("set TRIGGER_SECRET_KEY, or name a token")


def where(url: str | None) -> str:
    """Say where runs are."""
    return f"Trigger.dev at {url}" if url else "Trigger.dev"


def outcome(runs: RunsView) -> Exit:
    """Return the exit code for how runs ended: one that failed outweighs one that was cancelled."""
    codes = {Exit.of_run(run.run_status) for run in runs.runs}
    if Exit.FAILED in codes:
        return Exit.FAILED
    return Exit.CANCELLED if Exit.CANCELLED in codes else Exit.COMPLETED


async def follow_runs(
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
    board = Board(View(title, place, RealtimeState(), Seen(), 0.0), datetime.now(UTC))

    def look() -> Board:
        return board.looked(datetime.now(UTC), began)

    def see(update: Update) -> None:
        nonlocal board
        board = look().after(update)

    def take(runs: RunsView) -> None:
        nonlocal board
        board = replace(board, runs=runs)

    def goes_on(runs: RunsView) -> bool:
        return not ends or runs.is_empty or not all(run.is_terminal for run in runs.runs)

    @contextmanager
    def screen() -> Generator[See]:
        console = Console(highlight=False, markup=False, emoji=False)
        try:
            # Its thread draws from whatever frozen value there is at that moment.
            with Live(
                console=console,
                screen=True,
                refresh_per_second=_PER_SECOND,
                get_renderable=lambda: render_board(look()),
            ):
                yield see
        finally:
            console.print(render_board(look().ended()))

    @contextmanager
    def lines() -> Generator[See]:
        yield write_lines(json=as_json)

    async def show() -> None:
        with screen() if is_live else lines() as tell:
            views = updates.pipe(ops.do_action(tell), viewed(), ops.do_action(take))
            await over(views.pipe(ops.take_while(goes_on, inclusive=True)))

    began = board.at
    if not await in_time(show(), within, lambda: "the runs were not over"):
        return Exit.TIMED_OUT
    return outcome(board.runs)
