"""A line of the board: how one run stands, whichever engine it is of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rich.progress_bar import ProgressBar
from rich.text import Text

from ..models import Run, RunStatus
from .clean import clean, json_text
from .parts import RUN_MARKS
from .progress import run_progress
from .view import View

__all__ = ["Row", "row_of_run", "row_of_view"]

_ID: Final = 8
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """What a line says.

    Attributes:
        name: which run.
        what: its task, or what it says.
        word: where it stands, in the engine's own word.
        percent: how far it is, where that was told.
        pace: how long it has worked, or how much it has said.
        ended: when, where that was told.
    """

    name: str
    what: str
    status: RunStatus
    word: str
    percent: float | None = None
    pace: str = ""
    ended: datetime = _NEVER

    def cells(self) -> tuple[Text | ProgressBar, ...]:
        """Return the cells of the line."""
        mark, style = RUN_MARKS[self.status]
        percent = self.percent
        return (
            Text.assemble((f"{mark} ", style), (clean(self.name), "dim")),
            Text(clean(self.what), "bold"),
            Text(clean(self.word), style),
            Text() if percent is None else _bar(percent, style),
            Text("" if percent is None else f"{percent:.0f} %", "bold"),
            Text(self.pace, "dim"),
        )


def row_of_run(run: Run, at: datetime) -> Row:
    """Show a run of Trigger.dev as it stands at this time; its name is the end of its id."""
    progress = run_progress(run)
    return Row(
        run.id[-_ID:],
        run.task_identifier,
        run.run_status,
        "cancelled" if run.is_cancelled else str(run.status).lower().replace("_", " "),
        100.0 if run.is_success else None if progress is None else progress.percent,
        _duration(run, at),
        run.finished_at or run.updated_at or run.created_at,
    )


def row_of_view(view: View, at: datetime) -> Row:
    """Show whatever is watched as it stands at this time; its name is the title.

    While it cannot be known how the run stands, the word is that for the connection.
    """
    status, link, count = view.state.run_status, view.state.connection_status, view.seen.count
    if view.seen.run is not None:
        row = replace(row_of_run(view.seen.run, at), name=view.title)
    else:
        progress = view.progress
        row = Row(
            view.title,
            _said(view),
            status,
            link.value if status is RunStatus.UNKNOWN else status.value,
            None if progress is None else progress.percent,
            f"{count} message{'s' * (count != 1)}" if count else "",
        )
    if status.is_terminal:
        return replace(row, percent=100.0) if status is RunStatus.COMPLETED else row
    return replace(row, word=link.value) if view.is_waiting else row


def _said(view: View) -> str:
    """Return what it has said last, or at its end."""
    state, seen, progress = view.state, view.seen, view.progress
    if state.run_status is RunStatus.FAILED and seen.failure:
        return seen.failure
    if state.run_status is RunStatus.COMPLETED and state.result is not None:
        return _text(state.result)
    if progress is not None:
        return progress.label
    last = state.messages.last
    return "" if last is None else f"{last.topic}: {_text(last.data)}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)


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
