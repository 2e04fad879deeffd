"""A case and its picture: title, lines, the call in its box, results, and what the values are."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Final

from .ink import fitted, safe, tag, width_of
from .picture import Case, Line, Sheet
from .rows import NAME, Row
from .scale import TICK, Scale
from .shapes import cross, marble
from .shown import Entry, Shown

__all__ = ["MARGIN", "TEXT", "Card", "label_of", "wrapped"]

MARGIN: Final = 20.0
#: From one line of text to the next.
TEXT: Final = 19.0
_BOX: Final = 34.0
_MAX_CALL: Final = 110
_MAX_MEANING: Final = 60
_ENTRY: Final = 28.0


def label_of(case: Case) -> float:
    """Return how wide the names of a case's lines are."""
    names = [fitted(line.name, NAME) for line in (*case.lines, *case.results)]
    return max(map(width_of, names))


def wrapped(text: str, width: float) -> list[str]:
    """Break prose into lines that fit; a word that is longer than that is broken, too."""
    # Proportional letters are narrower than this on average, in any of the fonts.
    return textwrap.wrap(text, max(20, int((width - 2 * MARGIN) / 7.4))) or [""]


class Card:
    """The picture of one case.

    Args:
        label: how wide names are, so that the cases of a sheet begin below each other.
    """

    def __init__(self, sheet: Sheet, case: Case, label: float) -> None:
        self._case = case
        self._label = MARGIN + label
        self._scale = Scale(case, self._label + 1.5 * TICK)
        self._shown = Shown(sheet, case)
        self._above = self._rows(case.lines)
        self._below = self._rows(case.results)
        self._call = fitted(case.call.text, _MAX_CALL)
        drawn = self._scale.right + 1.5 * TICK + MARGIN
        self.width = max(drawn, width_of(self._call) + 2 * (MARGIN + TICK))

    def _rows(self, lines: Sequence[Line]) -> list[Row]:
        again = [False, *(one.name == other.name for one, other in pairwise(lines))]
        return [
            Row(line, self._scale, self._shown, is_again=is_again)
            for line, is_again in zip(lines, again, strict=False)
        ]

    def height(self, width: float) -> float:
        """Return how much space it needs."""
        rows = sum(row.height for row in (*self._above, *self._below))
        entries = self._placed(width)
        legend = entries[-1][1] + _ENTRY + 4 if entries else 0
        return TEXT * len(self._words(width)) + 10 + rows + _BOX + 10 + legend

    def draw(self, top: float, width: float) -> Iterator[str]:
        """Draw it, an element at a time."""
        y = top
        for style, text in self._words(width):
            y += TEXT
            yield tag("text", safe(text), class_=style, x=MARGIN, y=y)
        y += 10
        end = self._scale.right + TICK / 2
        for row in self._above:
            yield from row.draw(y, self._label, end)
            y += row.height
        yield from self._box(y + 2, width)
        y += _BOX + 10
        for row in self._below:
            yield from row.draw(y, self._label, end)
            y += row.height
        if placed := self._placed(width):
            drawn = (_drawn(x, y + down + _ENTRY / 2, entry) for x, down, entry in placed)
            yield tag("g", *chain.from_iterable(drawn), class_="legend")

    def _words(self, width: float) -> list[tuple[str, str]]:
        words = [("title", text) for text in wrapped(self._case.title, width)]
        prose = [line for text in self._case.prose for line in wrapped(text, width)]
        return words + [("prose", text) for text in prose]

    def _box(self, y: float, width: float) -> Iterator[str]:
        box = {"x": MARGIN, "y": y, "width": width - 2 * MARGIN, "height": _BOX, "rx": 6}
        yield tag("rect", class_="box", **box)
        whole = self._case.call.text
        title = [] if whole == self._call else [tag("title", safe(whole))]
        text = tag(
            "text", *title, safe(self._call), class_="mid", x=width / 2, y=y + _BOX / 2 + 4.5
        )
        yield text

    def _placed(self, width: float) -> list[tuple[float, float, Entry]]:
        """Return where the entries of the legend are: beside each other while there is space."""
        placed: list[tuple[float, float, Entry]] = []
        x, y = MARGIN, 6.0
        for entry in self._shown.legend:
            wide = 34 + width_of(fitted(entry.meaning, _MAX_MEANING), size=12) + 18
            if x > MARGIN and x + wide > width:
                x, y = MARGIN, y + _ENTRY
            placed.append((x, y, entry))
            x += wide
        return placed


def _drawn(x: float, y: float, entry: Entry) -> Iterator[str]:
    if entry.sign == "#":
        yield cross(x + 11, y)
    else:
        yield marble(x + 11, y, entry.sign, entry.colour)
    text = fitted(entry.meaning, _MAX_MEANING)
    title = [] if text == entry.meaning else [tag("title", safe(entry.meaning))]
    yield tag("text", *title, safe(text), class_="note dim", x=x + 30, y=y + 4)
