"""From text to a sheet, strictly: what is not understood is refused and pointed at."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from .columns import Row, read
from .picture import Call, Case, DiagramError, Legend, Meaning, Place, Sheet
from .timing import Drawn, timed

__all__ = ["parse"]

_CASE: Final = re.compile(r"case\s+(\S.*)")
_NAMED: Final = re.compile(r" +([A-Za-z_][\w.]*) +(?=\S)")
_NAME: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_VALUES: Final = re.compile(r"\s*values:\s*(\S+)\s*")
_ENTRY: Final = re.compile(r"([A-Za-z#]) = (\S.*)")
_TRAILING: Final = re.compile(r"  +(?=[A-Za-z#] = )")


def parse(text: str, *, file: str = "<text>") -> Sheet:
    """Read a file of diagrams.

    Args:
        text: its text.
        file: its name, for those who are told what is wrong.

    Raises:
        DiagramError: at the first thing that cannot be understood.
    """
    header, cases = _Chapter(), list[_Chapter]()
    values: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        place = Place(file, number, len(line) - len(line.lstrip()) + 1, line)
        if "\t" in line:
            where = Place(file, number, line.index("\t") + 1, line)
            raise DiagramError("a tab is as wide as it likes: use spaces", where)
        if found := _CASE.fullmatch(line.rstrip()):
            if any(each.title == found[1] for each in cases):
                raise DiagramError("a second case with this title", place)
            cases.append(_Chapter(found[1], place))
        elif line.lstrip().startswith("%"):
            if not cases and (named := _VALUES.fullmatch(line, line.index("%") + 1)):
                if values is not None:
                    raise DiagramError("a second module of values", place)
                values = named[1]
            else:
                (cases[-1] if cases else header).comment(line.rstrip(), place)
        elif line.strip():
            if not cases or not line.startswith(" "):
                why = "this belongs to no case" if not cases else "a case's lines are indented"
                raise DiagramError(f"{why}: `case  title` begins one", place)
            cases[-1].add(line.rstrip(), place)
    if not cases:
        raise DiagramError("there is no case", Place(file, max(1, text.count("\n")), 1, ""))
    read = tuple(each.case(header.legend) for each in cases)
    return Sheet(read, tuple(header.prose), header.legend, values, file)


@dataclass
class _Chapter:
    """What has been read of one case, or of a file's head."""

    title: str = ""
    place: Place = field(default_factory=Place)
    prose: list[str] = field(default_factory=list[str])
    legend: dict[str, Meaning] = field(default_factory=dict[str, Meaning])
    lines: list[Drawn] = field(default_factory=list[Drawn])
    call: Call | None = None
    results: list[Drawn] = field(default_factory=list[Drawn])

    def comment(self, line: str, place: Place) -> None:
        start = line.index("%") + 1
        cut = _legend_start(line, start)
        prose = line[start:cut].strip()
        if prose or cut is None:
            self.prose.append(prose)
        if cut is not None:
            _put(self.legend, _entries(line, cut, place))

    def add(self, line: str, place: Place) -> None:
        match line.lstrip()[0]:
            case ">" if self.call is not None:
                raise DiagramError("a second call: a case has one", place)
            case ">":
                self.call = Call(_checked_call(line, place), place)
            case "^":
                self._add_window(line, place)
            case _:
                drawn = self.lines if self.call is None else self.results
                drawn.append(_drawn(line, place, is_result=self.call is not None))

    def _add_window(self, line: str, place: Place) -> None:
        if not self.lines or self.call is not None:
            raise DiagramError("a subscription window stands under a line above the call", place)
        window = read(line, place.column - 1, "window", place)
        owner = self.lines[-1]
        if not owner.is_hot and (owner.windows or window.first != owner.row.first):
            why = "a cold line has one window, which begins in the line's first column"
            raise DiagramError(why, place)
        owner.windows.append(window)

    def case(self, shared: Legend) -> Case:
        if self.call is None:
            raise DiagramError("a case without a call: `> operator()`", self.place)
        if not self.results:
            raise DiagramError("a result line is missing under the call", self.call.place)
        for drawn in (*self.lines, *self.results):
            _check_letters(drawn.row, {**shared, **self.legend, **drawn.legend})
        lines, results = timed(self.lines, self.results)
        return Case(
            self.title, lines, self.call, results, tuple(self.prose), self.legend, self.place
        )


def _drawn(line: str, place: Place, *, is_result: bool) -> Drawn:
    """Read a name, its drawing, and the legend behind it."""
    legend: dict[str, Meaning] = {}
    text = line
    if found := _TRAILING.search(line, place.column):
        _put(legend, _entries(line, found.end(), place))
        text = line[: found.start()]
    named = _NAMED.match(text)
    if named is None:
        raise DiagramError("a line is a name, spaces, and what is drawn", place)
    row = read(text, named.end(), "result" if is_result else "line", place)
    return Drawn(named[1], row, legend)


def _legend_start(line: str, start: int) -> int | None:
    """Return where the legend of a line of prose begins: at its start, or behind two spaces."""
    words = start + len(line[start:]) - len(line[start:].lstrip())
    if _ENTRY.match(line, words):
        return words
    found = _TRAILING.search(line, start)
    return found.end() if found else None


def _entries(line: str, start: int, place: Place) -> Iterator[tuple[str, Meaning]]:
    column = start
    for gap in (*re.finditer(r"  +", line[start:]), None):
        end = len(line) if gap is None else start + gap.start()
        here = Place(place.file, place.line, column + 1, place.text)
        entry = _ENTRY.fullmatch(line, column, end)
        if entry is None or not _is_meaning(entry[2]):
            why = "a legend is `letter = name` or `letter = literal`, two spaces between entries"
            raise DiagramError(why, here)
        yield entry[1], Meaning(entry[2], here)
        column = end if gap is None else start + gap.end()


def _put(legend: dict[str, Meaning], entries: Iterator[tuple[str, Meaning]]) -> None:
    for letter, meaning in entries:
        if letter in legend:
            raise DiagramError(f"`{letter}` has a meaning already", meaning.place)
        legend[letter] = meaning


def _is_meaning(text: str) -> bool:
    if _NAME.fullmatch(text):
        return True
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True


def _checked_call(line: str, place: Place) -> str:
    text = line.lstrip()[1:].strip()
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        tree = None
    if not isinstance(tree, ast.Call):
        raise DiagramError("after `>` stands one call: `> reconnect(wait=[3, 6])`", place)
    return text


def _check_letters(row: Row, legend: Legend) -> None:
    known = legend.keys() - {"#"}
    for column, sign in row.signs:
        if known and sign not in {*known, *"^|#!"}:
            where = row.point(row.place.text.index(sign, column))
            raise DiagramError(f"the legend does not say what `{sign}` is", where)
