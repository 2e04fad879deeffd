"""The screen: the view's parts, fitted into whatever space there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.panel import Panel
from rich.text import Text

from ..models import RunStatus
from .clean import clean
from .parts import bar, headline, log_line, note_line, place, result_text, statuses
from .seen import Writing
from .view import View

__all__ = ["render"]

#: From this height on there is room for blank lines.
_ROOMY: Final = 18
#: The least height of a frame: one line of text.
_FRAME: Final = 3
_MAX_LOG: Final = 6


def render(view: View) -> RenderableType:
    """Draw the view: a screen as high as the terminal; when it is over, what is left behind."""
    return _Screen(view)


@dataclass(frozen=True, slots=True)
class _Screen:
    view: View

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height, options = options.max_height, options.update(height=None)
        if self.view.is_over:
            yield from self._left_behind(console, options)
            return
        rows = _Rows(self._fitted(console, options, height))
        for line in console.render_lines(rows, options, new_lines=True)[:height]:
            yield from line

    def _fitted(
        self, console: Console, options: ConsoleOptions, height: int
    ) -> list[RenderableType]:
        rows = self._top(options.max_width, is_roomy=height >= _ROOMY)
        left = height - len(rows)
        log, writing = self.view.log, self.view.seen.writing
        if writing is not None and left >= _FRAME:
            share = min(len(log), _MAX_LOG, (left - _FRAME) // 2)
            rows.append(_frame(writing, console, options, left - share))
            left = share
        return rows + [log_line(message) for message in log[max(len(log) - left, 0) :]]

    def _top(self, width: int, *, is_roomy: bool) -> list[RenderableType]:
        view, blank = self.view, [Text()] if is_roomy else []
        rows: list[RenderableType] = [headline(view)]
        if is_roomy:
            rows.append(place(view))
        rows += [*blank, *statuses(view, width)]
        # Where there is room, its row stays free, so that nothing jumps when there is a note.
        rows += [note_line(view.seen.note)] if view.seen.note is not None else blank
        if view.progress is not None:
            rows += [*blank, *bar(view.progress)]
        return rows + blank

    def _left_behind(self, console: Console, options: ConsoleOptions) -> RenderResult:
        view = self.view
        rows = self._top(options.max_width, is_roomy=False)
        ending = console.render_lines(_Rows(_ending(view)), options)
        yield from rows
        writing = view.seen.writing
        if writing is None:
            yield from map(log_line, view.log[-_MAX_LOG:])
        else:
            # One line is left for the prompt.
            left = console.size.height - len(rows) - len(ending) - 1
            yield _frame(writing, console, options, max(left, _FRAME + 2), is_filled=False)
        yield _Rows(_ending(view))


@dataclass(frozen=True, slots=True)
class _Rows:
    rows: Sequence[RenderableType]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.rows


def _frame(
    writing: Writing,
    console: Console,
    options: ConsoleOptions,
    height: int,
    *,
    is_filled: bool = True,
) -> Panel:
    """Show the last lines of a text, in a frame of this height, or less where it is not filled."""
    text = Text(clean(writing.text, lines=True))
    if writing.is_open:
        text.append("▌", "cyan")
    lines = list(text.wrap(console, max(options.max_width - 4, 1)))
    return Panel(
        Text("\n").join(lines[-(height - 2) :]),
        title=Text(clean(writing.topic), "bold"),
        title_align="left",
        border_style="cyan" if writing.is_open else "dim",
        height=height if is_filled else None,
    )


def _ending(view: View) -> list[RenderableType]:
    """Show how it ended."""
    state = view.state
    if state.run_status is RunStatus.FAILED and view.seen.failure:
        return [Text.assemble(("✗ ", "red"), (clean(view.seen.failure), "red"))]
    if state.run_status is not RunStatus.COMPLETED or state.result is None:
        return []
    title = Text("result", "bold green")
    return [Panel(result_text(state.result), title=title, title_align="left", border_style="green")]
