"""One line of a case as a row of its picture."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Final

from .ink import fitted, number, safe, tag
from .picture import Line, Mark
from .scale import TICK, Scale, last_tick
from .shapes import arrow, completion, cross, leaving, marble, now, silence, window
from .shown import Shown

__all__ = ["NAME", "Row"]

#: How many letters of a line's name are shown.
NAME: Final = 24
#: What comes in one tick is stacked, and closer the more it is.
_APART: Final = 24
_MAX_STACK: Final = 7 * _APART
_HALF_TICK: Final = TICK / 2
#: So far before its first tick a line begins, to be seen beside a marble in that tick.
_LEAD: Final = 17
_WINDOW: Final = 16
_LABEL: Final = 12


class Row:
    """A line, and how much space it needs.

    Args:
        is_again: the line above has the same name.
    """

    def __init__(self, line: Line, scale: Scale, shown: Shown, *, is_again: bool = False) -> None:
        self.line = line
        self._scale = scale
        self._shown = shown
        self._is_again = is_again
        self._moments = [
            (tick, list(marks)) for tick, marks in groupby(line.marks, attrgetter("tick"))
        ]
        self._pauses = [each for each in scale.pauses if self._is_drawn(each.after, each.before)]
        highest = max((_height(_stacked(marks)) for _, marks in self._moments), default=0)
        self._half = highest / 2 + 21
        self._middle = self._half + _LABEL * bool(self._pauses)
        self.height = self._middle + self._half + _WINDOW * len(line.windows)

    def draw(self, top: float, label: float, end: float) -> Iterator[str]:
        """Draw it, an element at a time.

        Args:
            label: where its name ends.
            end: how far a subscription goes that does not end.
        """
        y = top + self._middle
        style = "end-at dim" if self._is_again else "end-at"
        name = safe(fitted(self.line.name, NAME))
        yield tag("text", name, class_=style, x=label, y=y + 4.5)
        yield from self._stroke(y, label)
        for tick, marks in self._moments:
            yield from self._signs(self._scale.x(tick), y, marks)
        for index, each in enumerate(self.line.windows):
            closes = end if each.closes is None else self._scale.x(each.closes)
            at = y + self._half + _WINDOW * (index + 0.25)
            opens = self._scale.x(each.opens)
            yield window(opens, at, closes, leaves=each.closes is not None)

    def _stroke(self, y: float, label: float) -> Iterator[str]:
        """Draw the line itself."""
        line, x = self.line, self._scale.x
        start, last = x(line.begins) - _LEAD, x(last_tick(line))
        if start > label + 3 * TICK:
            yield tag("path", class_="rule", d=f"M{number(label + 10)} {number(y)}H{number(start)}")
        ends = bool(line.marks and line.marks[-1].is_end)
        tip = last if ends else last + _HALF_TICK
        zero = x(0) if line.is_hot else start
        if start < zero:
            yield tag("path", class_="past", d=f"M{number(start)} {number(y)}H{number(zero)}")
        yield tag("path", class_="line", d=f"M{number(zero)} {number(y)}H{number(tip)}")
        yield tag("path", class_="tick", d=self._ticks(y))
        if line.is_hot:
            yield now(zero, y)
        else:
            yield tag("circle", class_="start", cx=start, cy=y, r=3.5)
        if not ends:
            yield arrow(tip, y)
        for pause in self._pauses:
            yield silence((x(pause.after) + x(pause.before)) / 2, y, pause.ticks)

    def _ticks(self, y: float) -> str:
        """Draw a stroke for each tick, so that waits can be counted."""
        first, last = self.line.begins, last_tick(self.line)
        quiet = {t for each in self._pauses for t in range(each.after + 1, each.before)}
        places = (self._scale.x(tick) for tick in range(first, last + 1) if tick not in quiet)
        return "".join(f"M{number(place)} {number(y - 3)}v6" for place in places)

    def _signs(self, x: float, y: float, marks: list[Mark]) -> Iterator[str]:
        """Draw what happens in one tick, the first of it on top."""
        line, shown = self.line, self._shown
        stacked = _stacked(marks)
        height = _height(stacked)
        if len(stacked) < len(marks):
            yield completion(x, y, height / 2 + (18 if stacked else 13))
        for index, mark in enumerate(stacked):
            at = y - height / 2 + (index * height / (len(stacked) - 1) if height else 0)
            meaning = shown.meaning(line, mark.sign)
            match mark.sign:
                case "#":
                    yield cross(x, at, meaning)
                case "!":
                    yield leaving(x, at)
                case sign:
                    text = shown.text(line, sign)
                    yield marble(x, at, text, shown.colour(line, sign), meaning)

    def _is_drawn(self, after: int, before: int) -> bool:
        return self.line.begins <= after and before <= last_tick(self.line)


def _stacked(marks: list[Mark]) -> list[Mark]:
    """Return what is drawn above each other; a completion's bar stands behind all of it."""
    return [mark for mark in marks if mark.sign != "|"]


def _height(stacked: list[Mark]) -> float:
    """Return how far the last of a stack is below the first."""
    return min(_APART * max(0, len(stacked) - 1), _MAX_STACK)
