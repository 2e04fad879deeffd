"""What stands in a marble, and which colour it has: the same value looks the same in all lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, NamedTuple

from .ink import COLOURS
from .picture import Case, Line, Sheet

__all__ = ["Entry", "Shown"]

_MAX_INSIDE: Final = 3


class Entry(NamedTuple):
    """A row of the legend: `sign` is what the marble says, or `#`."""

    sign: str
    meaning: str
    colour: int


class Shown:
    """The values of a case, in the order in which they first happen."""

    def __init__(self, sheet: Sheet, case: Case) -> None:
        self._meanings = {
            id(line): {sign: each.text for sign, each in sheet.meanings(case, line).items()}
            for line in (*case.lines, *case.results)
        }
        self._colours: dict[str, int] = {}
        entries: dict[Entry, None] = {}
        for line in (*case.lines, *case.results):
            for mark in line.marks:
                entries.update(dict.fromkeys(self._entry(line, mark.sign)))
        #: What does not say for itself what it is.
        self.legend = tuple(entries)

    def text(self, line: Line, sign: str) -> str:
        """Return what stands in a marble: its value if that is short, or else its letter."""
        value = self._literal(line, sign)
        return value if 0 < len(value) <= _MAX_INSIDE and value.isprintable() else sign

    def meaning(self, line: Line, sign: str) -> str:
        """Return the whole value, as the legend has it; a letter without a legend is itself."""
        return self._meanings[id(line)].get(sign, sign)

    def colour(self, line: Line, sign: str) -> int:
        """Return the number of its colour. With more values than colours some share one."""
        value = self._literal(line, sign) or self.meaning(line, sign)
        return self._colours.setdefault(value, len(self._colours)) % len(COLOURS)

    def _literal(self, line: Line, sign: str) -> str:
        """Return the value as text; nothing where it is only named."""
        try:
            value = ast.literal_eval(self.meaning(line, sign))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return "" if sign in self._meanings[id(line)] else sign
        return str(value)

    def _entry(self, line: Line, sign: str) -> Iterator[Entry]:
        meaning = self._meanings[id(line)].get(sign)
        colour = self.colour(line, sign) if sign.isalpha() else 0
        if meaning is None or (
            sign.isalpha() and self.text(line, sign) == self._literal(line, sign)
        ):
            return
        yield Entry(sign, meaning, colour)
