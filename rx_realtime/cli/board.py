"""The board: many runs, a line each, drawn as a pure function of what is known of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..models import RunStatus
from .parts import RUN_MARKS, connection, headline, note_line, place, sides
from .row import Row
from .view import View

__all__ = ["Board", "Scene", "board_screen", "render_board"]

#: From this height on there is room for blank lines.
_ROOMY: Final = 18
#: From this width on there is room for bars, and for how long each has taken.
_WIDE: Final = 72
_PER_SECOND: Final = 10


@dataclass(frozen=True, slots=True)
class Board:
    """What is known of some runs.

    Attributes:
        view: what is watched, and how the connection is.
    """

    view: View
    rows: tuple[Row, ...] = ()

    def ended(self) -> Board:
        """Return it as it is left behind."""
        return replace(self, view=self.view.ended(self.view.state))


class Scene(Protocol):
    """What can be looked at as a board, at any time."""

    def board(self, at: datetime, now: float) -> Board:
        """Return how it looks at this time, so many seconds after the viewer came."""
        ...


@contextmanager
def board_screen(scene: Callable[[], Scene]) -> Generator[None]:
    """Draw what there is on a screen of its own, and leave the last board behind.

    Args:
        scene: gives a frozen value, because a thread draws it.
    """
    console = Console(highlight=False, markup=False, emoji=False)
    began = datetime.now(UTC)

    def look() -> Board:
        at = datetime.now(UTC)
        return scene().board(at, (at - began).total_seconds())

    try:
        with Live(
            console=console,
            screen=True,
            refresh_per_second=_PER_SECOND,
            get_renderable=lambda: render_board(look()),
        ):
            yield
    finally:
        console.print(render_board(look().ended()))


def render_board(board: Board) -> RenderableType:
    """Draw it: as high as the terminal at most; when it is over, every run."""
    return _Screen(board)


@dataclass(frozen=True, slots=True)
class _Screen:
    board: Board

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        board, height = self.board, options.max_height
        options, wide = options.update(height=None), options.max_width >= _WIDE
        view, runs = board.view, board.rows
        roomy = [Text()] if height >= _ROOMY and not view.is_over else []
        parts: list[RenderableType] = [headline(view), *([place(view)] if roomy else []), *roomy]
        link, counts = connection(view), _counts(runs)
        parts += [sides(link, counts)] if wide else [sides(link, Text()), sides(counts, Text())]
        parts += [note_line(view.seen.note)] if view.seen.note is not None else roomy
        if view.is_over:
            yield from parts
            yield _table(runs, wide=wide)
            return
        shown = _fitting(runs, height - len(parts))
        parts.append(_table(shown, wide=wide))
        if len(shown) < len(runs):
            parts.append(Text(f"… and {len(runs) - len(shown)} more", "dim"))
        lines = [
            line for part in parts for line in console.render_lines(part, options, new_lines=True)
        ]
        for line in lines[:height]:
            yield from line


def _counts(runs: Sequence[Row]) -> Text:
    """Show how many there are, and how they are."""
    text = Text(f"{len(runs)} run{'s' * (len(runs) != 1)}", "bold")
    for status, count in Counter(run.status for run in runs).most_common():
        word = "pending" if status is RunStatus.UNKNOWN else status.value
        text.append(f"  {count} {word}", RUN_MARKS[status][1])
    return text


def _fitting(runs: Sequence[Row], height: int) -> Sequence[Row]:
    """Return as many as there is space for: those that go on first, then those that ended last."""
    if len(runs) <= height:
        return runs
    numbers = range(len(runs))
    ended = [number for number in numbers if runs[number].status.is_terminal]
    ended.sort(key=lambda number: runs[number].ended, reverse=True)
    going = [number for number in numbers if not runs[number].status.is_terminal]
    chosen = {*[*going, *ended][: max(height - 1, 0)]}
    return [runs[number] for number in numbers if number in chosen]


def _table(runs: Sequence[Row], *, wide: bool) -> Table:
    """Show a line for each; where it is narrow without the bar, and without the pace."""
    table = Table.grid(expand=True, padding=(0, 2 if wide else 1, 0, 0))
    table.add_column(no_wrap=True, overflow="ellipsis")
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column(no_wrap=True, overflow="ellipsis")
    if wide:
        table.add_column(ratio=1)
    table.add_column(no_wrap=True, justify="right", width=5)
    if wide:
        table.add_column(no_wrap=True, justify="right")
    for run in runs:
        name, what, word, bar, percent, pace = run.cells()
        more = (bar, percent, pace) if wide else (percent,)
        table.add_row(name, what, word, *more)
    return table
