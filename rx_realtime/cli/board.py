"""The board: many runs, a line each, drawn as a pure function of a view and of what time it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..models import Run, RunStatus, Update, reduce_state
from ..sources.trigger import RunsView
from .clean import clean
from .parts import RUN_MARKS, connection, headline, note_line, place, sides
from .progress import run_progress
from .view import View

__all__ = ["Board", "render_board"]

#: From this height on there is room for blank lines.
_ROOMY = 18
_ID = 8


@dataclass(frozen=True, slots=True)
class Board:
    """What is known of some runs.

    Attributes:
        view: what is watched, and how the connection is.
        at: what time it is, which tells how long a run has taken so far.
    """

    view: View
    at: datetime
    runs: RunsView = field(default_factory=RunsView)

    def after(self, update: Update) -> Board:
        """Return it after one more update; the runs themselves come as views."""
        view = self.view
        state, seen = reduce_state(view.state, update), view.seen.after(update, view.now)
        return replace(self, view=replace(view, state=state, seen=seen))

    def looked(self, at: datetime, began: datetime) -> Board:
        """Return it as it looks at this time."""
        return replace(self, at=at, view=replace(self.view, now=(at - began).total_seconds()))

    def ended(self) -> Board:
        """Return it as it is left behind."""
        return replace(self, view=self.view.ended(self.view.state))


def render_board(board: Board) -> RenderableType:
    """Draw it: as high as the terminal at most; when it is over, every run."""
    return _Screen(board)


@dataclass(frozen=True, slots=True)
class _Screen:
    board: Board

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        board, height = self.board, options.max_height
        options = options.update(height=None)
        view, runs = board.view, board.runs.runs
        roomy = [Text()] if height >= _ROOMY and not view.is_over else []
        rows: list[RenderableType] = [headline(view), *([place(view)] if roomy else []), *roomy]
        rows.append(sides(connection(view), _counts(runs)))
        rows += [note_line(view.seen.note)] if view.seen.note is not None else roomy
        if view.is_over:
            yield from rows
            yield _table(runs, board.at)
            return
        shown = _fitting(runs, height - len(rows))
        rows.append(_table(shown, board.at))
        if len(shown) < len(runs):
            rows.append(Text(f"… and {len(runs) - len(shown)} more", "dim"))
        lines = [
            line for row in rows for line in console.render_lines(row, options, new_lines=True)
        ]
        for line in lines[:height]:
            yield from line


def _counts(runs: Sequence[Run]) -> Text:
    """Show how many there are, and how they are."""
    text = Text(f"{len(runs)} run{'s' * (len(runs) != 1)}", "bold")
    for status, count in Counter(run.run_status for run in runs).most_common():
        word = "queued" if status is RunStatus.UNKNOWN else status.value
        text.append(f"  {count} {word}", RUN_MARKS[status][1])
    return text


def _fitting(runs: Sequence[Run], height: int) -> Sequence[Run]:
    """Return as many as there is space for: those that go on first, then those that ended last."""
    if len(runs) <= height:
        return runs
    going = [run for run in runs if not run.is_terminal]
    ended = sorted((run for run in runs if run.is_terminal), key=_end, reverse=True)
    chosen = {run.id for run in [*going, *ended][: max(height - 1, 0)]}
    return [run for run in runs if run.id in chosen]


def _end(run: Run) -> datetime:
    return run.finished_at or run.updated_at or run.created_at


def _table(runs: Sequence[Run], at: datetime) -> Table:
    table = Table.grid(expand=True, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column(no_wrap=True, overflow="ellipsis")
    table.add_column(ratio=2)
    table.add_column(no_wrap=True, justify="right", width=5)
    table.add_column(no_wrap=True, justify="right")
    for run in runs:
        table.add_row(*_row(run, at))
    return table


def _row(run: Run, at: datetime) -> tuple[RenderableType, ...]:
    mark, style = RUN_MARKS[run.run_status]
    status = "cancelled" if run.is_cancelled else str(run.status).lower().replace("_", " ")
    progress = run_progress(run)
    percent = 100.0 if run.is_success else None if progress is None else progress.percent
    return (
        Text.assemble((f"{mark} ", style), (clean(run.id)[-_ID:], "dim")),
        Text(clean(run.task_identifier), "bold"),
        Text(clean(status), style),
        Text() if percent is None else _bar(percent, style),
        Text("" if percent is None else f"{percent:.0f} %", "bold"),
        Text(_duration(run, at), "dim"),
    )


def _bar(percent: float, style: str) -> ProgressBar:
    return ProgressBar(
        total=100, completed=percent, style="dim", complete_style=style, finished_style=style
    )


def _duration(run: Run, at: datetime) -> str:
    """Say how long it has worked; a clock that is not the server's may be behind."""
    if run.started_at is None:
        return ""
    took = max((run.finished_at or at) - run.started_at, timedelta()).total_seconds()
    minutes, seconds = divmod(took, 60)
    hours, minutes = divmod(int(minutes), 60)
    if hours:
        return f"{hours}:{minutes:02}:{int(seconds):02}"
    return f"{minutes}:{int(seconds):02}" if minutes else f"{seconds:.1f} s"
