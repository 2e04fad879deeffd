"""From columns to ticks: one clock for all lines of a case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .columns import Row, Silence
from .picture import DiagramError, Legend, Line, Mark, Window

__all__ = ["Drawn", "timed"]


@dataclass
class Drawn:
    """A line as it was drawn."""

    name: str
    row: Row
    legend: Legend
    windows: list[Row] = field(default_factory=list[Row])

    @property
    def is_hot(self) -> bool:
        """Whether it happens without subscribers."""
        return self.row.column_of("^") is not None


def timed(lines: list[Drawn], results: list[Drawn]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Give every sign of a case its tick.

    Raises:
        DiagramError: where lines contradict each other about the time.
    """
    rows = [row for each in (*lines, *results) for row in (each.row, *each.windows)]
    silences = _agreed(rows)
    zero = results[0].row.first

    def elapsed(column: int) -> int:
        return column + sum(each.ticks - each.width for each in silences if each.column < column)

    def tick(column: int) -> int:
        return elapsed(column) - elapsed(zero)

    def line(drawn: Drawn) -> Line:
        row = drawn.row
        hot = row.column_of("^")
        if hot is not None and hot != zero:
            raise DiagramError("`^` stands above tick 0, the result's first column", row.point(hot))
        if hot is None and row.first < zero:
            raise DiagramError("a line begins before tick 0", row.point(row.first))
        marks = tuple(Mark(tick(column), sign) for column, sign in row.signs if sign != "^")
        windows = tuple(window(each) for each in drawn.windows)
        return Line(
            drawn.name,
            tick(row.first),
            tick(row.last),
            marks,
            hot is not None,
            windows,
            drawn.legend,
            row.point(row.first),
        )

    def window(row: Row) -> Window:
        closes = row.column_of("!")
        if row.first < zero:
            raise DiagramError("a window opens before tick 0", row.point(row.first))
        return Window(tick(row.first), None if closes is None else tick(closes))

    _check_names(lines)
    return tuple(map(line, lines)), tuple(map(line, results))


def _agreed(rows: Iterable[Row]) -> tuple[Silence, ...]:
    """Return the durations of a case, which every line must have that is drawn there."""
    owners: dict[Silence, Row] = {}
    rows = list(rows)
    for row in rows:
        for each in row.silences:
            owners.setdefault(each, row)
    for silence, owner in owners.items():
        for row in rows:
            is_there = row.first < silence.column + silence.width and row.last > silence.column
            if is_there and silence not in row.silences:
                why = f"line {owner.place.line} has `{silence.text}` in this column, and this not"
                raise DiagramError(why, row.point(max(silence.column, row.first)))
    return tuple(owners)


def _check_names(lines: list[Drawn]) -> None:
    for index, drawn in enumerate(lines):
        same = [each for each in lines[:index] if each.name == drawn.name]
        if same and (drawn.is_hot or same[0].is_hot):
            why = f"`{drawn.name}` is hot: it has one line, and a window for each subscription"
            raise DiagramError(why, drawn.row.point(drawn.row.first))
