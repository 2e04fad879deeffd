"""From a sheet to its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

from .picture import Case, DiagramError, Legend, Line, Sheet, Window

__all__ = ["Canvas", "draw"]

#: A silence that all lines share is drawn in full up to this many ticks.
PATIENCE = 40
#: A legend that is longer than this goes on in the next line.
WIDTH = 90


def draw(sheet: Sheet, *, patience: int = PATIENCE) -> str:
    """Draw a sheet. `parse` reads the same sheet from it.

    Args:
        patience: a silence of more ticks than this, which all lines share, becomes a duration.

    Raises:
        DiagramError: if something happens in a column that the group before it fills.
    """
    head = [f"% {line}".rstrip() for line in sheet.prose]
    if sheet.values is not None:
        head.append(f"% values: {sheet.values}")
    head += [f"% {line}" for line in _wrapped(sheet.legend)]
    blocks = ["\n".join(head)] if head else []
    return "\n\n".join([*blocks, *(_case(case, patience) for case in sheet)]) + "\n"


def _case(case: Case, patience: int) -> str:
    canvas = Canvas((*case.lines, *case.results), patience=patience)
    width = max(len(line.name) for line in (*case.lines, *case.results))
    text = [f"case  {case.title}"]
    text += [f"  % {line}".rstrip() for line in case.prose]
    text += [f"  % {line}" for line in _wrapped(case.legend)]
    text.append("")
    for line in case.lines:
        text.append(_line(line, canvas, width))
        text += [f"  {'':{width}}  {canvas.window(each, line)}" for each in line.windows]
    text.append(f"  > {case.call.text}")
    text += [_line(line, canvas, width) for line in case.results]
    return "\n".join(text)


def _line(line: Line, canvas: Canvas, width: int) -> str:
    text = f"  {line.name:{width}}  {canvas.line(line)}"
    return f"{text}    {_legend(line.legend)}" if line.legend else text


def _legend(legend: Legend) -> str:
    return "  ".join(f"{letter} = {meaning.text}" for letter, meaning in legend.items())


def _wrapped(legend: Legend) -> Iterator[str]:
    """Draw a legend that stands by itself, in as many lines as it takes."""
    line = ""
    for letter, meaning in legend.items():
        entry = f"{letter} = {meaning.text}"
        if line and len(line) + len(entry) > WIDTH:
            yield line
            line = ""
        line = f"{line}  {entry}" if line else entry
    if line:
        yield line


class Canvas:
    """The columns of some lines: what one of them does has its own, a long silence few.

    Args:
        lines: everything that will be drawn on it.
        patience: how long a silence is drawn in full.
    """

    def __init__(self, lines: Iterable[Line], *, patience: int = PATIENCE) -> None:
        lines = tuple(lines)
        busy = sorted({tick for line in lines for tick in _busy(line)})
        self._first = busy[0]
        self._silences = [
            (before + 1, after - before - 1)
            for before, after in pairwise(busy)
            if after - before - 1 > patience
            # Where nothing is drawn, nothing can carry a duration.
            and any(line.begins <= before and after < line.until for line in lines)
        ]

    def column(self, tick: int) -> int:
        """Return the column of a tick; the first is 0."""
        saved = sum(
            ticks - len(_silence(ticks)) for start, ticks in self._silences if start + ticks <= tick
        )
        return tick - self._first - saved

    def line(self, line: Line) -> str:
        """Draw a line, from the canvas's first column."""
        text = " " * self.column(line.begins)
        now = line.begins
        signs = ((tick, "".join(signs)) for tick, signs in _moments(line))
        for tick, drawn in signs:
            if tick < now:
                why = f"tick {tick} of {line.name} lies under the group before it"
                raise DiagramError(why, line.place)
            text += self._quiet(now, tick) + drawn
            now = tick + len(drawn)
        if line.until < now:
            raise DiagramError(f"{line.name} goes on until tick {line.until}?", line.place)
        return text + self._quiet(now, line.until)

    def window(self, window: Window, owner: Line) -> str:
        """Draw a subscription window."""
        end = _end(window, owner)
        closing = "" if window.closes is None else "!"
        return " " * self.column(window.opens) + "^" + self._quiet(window.opens + 1, end) + closing

    def _quiet(self, start: int, end: int) -> str:
        text = "-" * (self.column(end) - self.column(start))
        for at, ticks in self._silences:
            if start <= at and at + ticks <= end:
                column = self.column(at) - self.column(start)
                drawn = _silence(ticks)
                text = text[:column] + drawn + text[column + len(drawn) :]
        return text


def _silence(ticks: int) -> str:
    return f" {ticks}s "


def _end(window: Window, owner: Line) -> int:
    return max(window.opens + 1, owner.until) if window.closes is None else window.closes


def _moments(line: Line) -> Iterator[tuple[int, str]]:
    """Name each tick in which something happens, and how it is drawn."""
    hot = [(0, "^")] if line.is_hot else []
    happened = sorted([*hot, *((m.tick, m.sign) for m in line.marks)], key=lambda one: one[0])
    for tick, marks in groupby(happened, key=lambda one: one[0]):
        signs = "".join(sign for _, sign in marks)
        yield tick, signs if len(signs) == 1 else f"({signs})"


def _busy(line: Line) -> Iterator[int]:
    """Name the ticks whose columns a line needs."""
    yield from (line.begins, line.until - 1)
    for tick, drawn in _moments(line):
        yield from range(tick, tick + len(drawn))
    for window in line.windows:
        yield from (window.opens, _end(window, line))
