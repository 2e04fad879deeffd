"""Which columns the last ticks are drawn in, so that groups have room and all lines agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from .picture import Mark

__all__ = ["Marks", "laid_out"]

Marks: TypeAlias = Sequence[Mark]


def laid_out(
    lines: Mapping[str, Marks], now: int, columns: int, *, is_stacked: bool = False
) -> tuple[dict[str, list[Mark]], int]:
    """Return the latest marks with the columns they stand in, and the column after the last.

    What ended before the first column is drawn as an end in it.

    Args:
        columns: six or more.
        is_stacked: for a picture, where a group takes no more columns than one value.
    """
    first = max(0, now - columns)
    while True:
        shown = {name: [m for m in marks if m.tick >= first] for name, marks in lines.items()}
        places, until = _places(shown, now, first, is_stacked=is_stacked)
        if until <= columns:
            break
        if list(places) == [first]:  # a single tick has more values than there are columns
            lines = {name: marks[2 - columns :] for name, marks in shown.items()}
            continue
        # The next first tick is a later one: this ends.
        over = (tick for tick, at in places.items() if tick > first and at >= until - columns)
        first = next(over, max(places))
    placed = {
        name: [Mark(places[mark.tick], mark.sign) for mark in marks]
        or [Mark(0, mark.sign) for mark in lines[name][-1:] if mark.is_end]
        for name, marks in shown.items()
    }
    return placed, until


def _places(
    lines: Mapping[str, Marks], now: int, first: int, *, is_stacked: bool
) -> tuple[dict[int, int], int]:
    """Give each tick a column: its own, or the first that is free on every line."""
    counts = {name: Counter(mark.tick for mark in marks) for name, marks in lines.items()}
    places: dict[int, int] = {}
    free = 0
    for tick in sorted({tick for count in counts.values() for tick in count}):
        places[tick] = column = max(tick - first, free)
        most = max(count[tick] for count in counts.values())
        free = column + (1 if most == 1 or is_stacked else most + 2)
    return places, max(1, now - first, free)
