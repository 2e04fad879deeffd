"""What happens, written down while it happens, and drawn as a case whenever somebody looks."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from string import ascii_letters
from typing import Final

from .layout import Marks, laid_out
from .literal import literal
from .picture import Call, Case, Legend, Line, Mark, Meaning, Sheet

__all__ = ["Recording"]

#: Lines beyond so many share one.
_MANY: Final = 40
_OTHERS: Final = "others"
#: Stands for what happens while all other letters are in use.
_LAST: Final = "Z"
_LETTERS: Final = ascii_letters.replace(_LAST, "")


@dataclass
class _Track:
    """One line: the latest signs, and how it ended."""

    marks: deque[Mark]
    end: Mark | None = None
    legend: Legend = field(default_factory=dict[str, Meaning])


class Recording:
    """Draws the last columns of what happens. It never holds more than that.

    What it draws is a case whose results are the lines: `parse(draw(recording.sheet(now)))` reads
    it. A tick in which several values come needs more columns than it lasts; what follows is drawn
    as many columns later as it must, on all lines, until a silence makes up for it.

    Args:
        call: what is watched, as Python text: one call.
        names: lines that are drawn even if nothing ever happens on them.
        columns: how many are drawn; six or more.
        known: values that have a letter whatever else happens; few.
    """

    def __init__(
        self,
        call: str,
        names: Iterable[str] = (),
        *,
        columns: int = 80,
        title: str = "what was seen",
        prose: tuple[str, ...] = (),
        known: Iterable[object] = (),
    ) -> None:
        self._call = call
        self._title = title
        self._prose = prose
        self._columns = columns
        self._letters: dict[str, str] = {}
        self._tracks: dict[str, _Track] = {}
        self._known: dict[str, str] = {}
        for name in names:
            self._track(name)
        for value in known:
            self._letter(literal(value))
        self._known = dict(self._letters)

    def value(self, tick: int, name: str, value: object) -> None:
        """Write down a value."""
        track = self._track(name)
        if track.end is None:
            track.marks.append(Mark(tick, self._letter(literal(value))))

    def completed(self, tick: int, name: str) -> None:
        """Write down that a line is over."""
        track = self._track(name)
        track.end = track.end or Mark(tick, "|")

    def failed(self, tick: int, name: str, error: Exception) -> None:
        """Write down that a line has failed."""
        track = self._track(name)
        if track.end is None:
            track.legend = {"#": Meaning(literal(str(error) or type(error).__name__))}
            track.end = Mark(tick, "#")

    def sheet(self, now: int, *, columns: int | None = None, is_stacked: bool = False) -> Sheet:
        """Return the picture.

        Args:
            now: the tick before which it ends, if nothing is later.
            columns: fewer than there are.
            is_stacked: for `svg`, where a group needs no columns of its own; `draw` cannot draw it.
        """
        happened = {name: _happened(track) for name, track in self._tracks.items()}
        marks, until = laid_out(happened, now, columns or self._columns, is_stacked=is_stacked)
        results = tuple(
            _line(name, marks[name], until, self._tracks[name]) for name in happened
        ) or (Line(_OTHERS, 0, until),)
        used = {mark.sign for line in results for mark in line.marks}
        meanings = {letter: text for text, letter in self._letters.items() if letter in used}
        if _LAST in used:
            meanings[_LAST] = literal("…")
        legend = {letter: Meaning(text) for letter, text in meanings.items()}
        if all(text == literal(letter) for letter, text in meanings.items()):
            legend = {}  # each stands for itself
        case = Case(self._title, (), Call(self._call), results, self._prose, legend)
        return Sheet((case,))

    def _track(self, name: str) -> _Track:
        found = self._tracks.get(name := _named(name))
        if found is None and len(self._tracks) >= _MANY:
            found = self._tracks.get(name := _OTHERS)
        return found or self._tracks.setdefault(name, _Track(deque(maxlen=self._columns)))

    def _letter(self, meaning: str) -> str:
        """Return the letter of a value; one that reminds of it, if it is free."""
        if meaning in self._letters:
            return self._letters[meaning]
        if len(self._letters) == len(_LETTERS):
            used = {mark.sign for track in self._tracks.values() for mark in track.marks}
            used.update(self._known.values())
            self._letters = {text: each for text, each in self._letters.items() if each in used}
        free = set(_LETTERS) - set(self._letters.values())
        if not free:
            return _LAST
        own = (each for each in meaning if each.isascii() and each.isalpha())
        wished = (each for letter in own for each in (letter.lower(), letter.upper()))
        letter = next((each for each in (*wished, *_LETTERS) if each in free), _LAST)
        self._letters[meaning] = letter
        return letter


def _happened(track: _Track) -> Marks:
    return [*track.marks, *([] if track.end is None else [track.end])]


def _line(name: str, marks: Marks, until: int, track: _Track) -> Line:
    if track.end is None:
        return Line(name, 0, until, tuple(marks), legend=track.legend)
    last = sum(mark.tick == marks[-1].tick for mark in marks)
    ends = marks[-1].tick + (1 if last == 1 else last + 2)
    return Line(name, 0, ends, tuple(marks), legend=track.legend)


def _named(name: str) -> str:
    """Return a name that a line can have."""
    words = re.sub(r"[^\w.]+", "_", name, flags=re.ASCII).strip(".") or "_"
    return words if not words[0].isdigit() else f"_{words}"
