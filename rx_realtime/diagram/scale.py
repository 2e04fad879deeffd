"""Where a tick is drawn: as far to the right as it is late, but for long silences."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from .picture import Case, Line

__all__ = ["TICK", "Pause", "Scale", "last_tick"]

#: Pixels from one tick to the next: marbles of two ticks in a row just stand apart.
TICK: Final = 26
#: A silence of all lines is drawn in full up to this many ticks, and as `_SHORT` beyond.
_PATIENCE: Final = 16
_SHORT: Final = 4


class Pause(NamedTuple):
    """A silence that is drawn shorter than it is: between these two ticks nothing happens."""

    after: int
    before: int

    @property
    def ticks(self) -> int:
        """How many ticks pass."""
        return self.before - self.after - 1


class Scale:
    """The horizontal places of a case.

    Args:
        left: where its first tick is.
    """

    def __init__(self, case: Case, left: float) -> None:
        busy = sorted({tick for line in (*case.lines, *case.results) for tick in _busy(line)})
        self._left = left
        self._first = busy[0]
        self.pauses = tuple(
            Pause(after, before)
            for after, before in pairwise(busy)
            if before - after - 1 > _PATIENCE
        )
        self.right = self.x(busy[-1])

    def x(self, tick: int) -> float:
        """Return the place of a tick at which something happens."""
        saved = sum(pause.ticks - _SHORT for pause in self.pauses if pause.before <= tick)
        return self._left + (tick - self._first - saved) * TICK


def last_tick(line: Line) -> int:
    """Return where a line's drawing ends: at its end, or with its last column."""
    return line.marks[-1].tick if line.marks and line.marks[-1].is_end else line.until - 1


def _busy(line: Line) -> Iterator[int]:
    yield from (line.begins, last_tick(line))
    yield from (mark.tick for mark in line.marks)
    for window in line.windows:
        yield window.opens
        if window.closes is not None:
            yield window.closes
    if line.is_hot:
        yield 0
