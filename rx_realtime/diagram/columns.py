"""One line's columns, before it is known which ticks they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from .picture import ENDS, DiagramError, Place

__all__ = ["Row", "Silence", "read"]

_SILENCE: Final = re.compile(r" (\d+)([smh]) (?=\S)")
_TICKS: Final = {"s": 1, "m": 60, "h": 3600}

Role = Literal["line", "result", "window"]


class Silence(NamedTuple):
    """A duration: `width` columns that are `ticks` ticks."""

    column: int
    width: int
    ticks: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """What stands in which column, from `first` to before `last`."""

    first: int
    last: int
    signs: tuple[tuple[int, str], ...]
    silences: tuple[Silence, ...]
    place: Place

    def column_of(self, sign: str) -> int | None:
        """Return where a sign stands, or None."""
        return next((column for column, each in self.signs if each == sign), None)

    def point(self, column: int) -> Place:
        """Return the place of a column."""
        return Place(self.place.file, self.place.line, column + 1, self.place.text)


def read(text: str, first: int, role: Role, place: Place) -> Row:
    """Read what a line draws.

    Args:
        text: the whole line up to where its drawing ends, so that columns are columns.
        first: where the drawing begins.
        role: what may stand there.
        place: of the line.

    Raises:
        DiagramError: pointing at the first column that may not stand there.
    """
    signs: list[tuple[int, str]] = []
    silences: list[Silence] = []
    group: int | None = None  # where the open group began
    column = first

    def refuse(why: str, at: int | None = None) -> DiagramError:
        where = column if at is None else at
        return DiagramError(why, Place(place.file, place.line, where + 1, place.text))

    def put(sign: str) -> None:
        if signs and signs[-1][1] in ENDS:
            raise refuse(f"nothing can follow `{signs[-1][1]}`")
        if why := _why_not(sign, role, [each for _, each in signs], in_group=group is not None):
            raise refuse(why)
        signs.append((column if group is None else group, sign))

    while column < len(text):
        match text[column]:
            case "(" if group is not None:
                raise refuse("a group stands in a group")
            case "(":
                group = column
            case ")" if group is None:
                raise refuse("this closes a group that was not opened")
            case ")":
                if sum(at == group for at, _ in signs) < 2:
                    raise refuse("a group holds at least two", group)
                group = None
            case " ":
                found = None if group is not None else _SILENCE.match(text, column)
                if found is None:
                    raise refuse("a gap: only a duration such as ` 30s ` may stand between spaces")
                if column == first or (signs and signs[-1][1] in ENDS):
                    raise refuse("a duration stands between two columns of its line")
                ticks = int(found[1]) * _TICKS[found[2]]
                silences.append(Silence(column, len(found[0]), ticks, found[0]))
                column = found.end()
                continue
            case "-" if group is not None:
                raise refuse("no time passes inside a group")
            case "-" if signs and signs[-1][1] in ENDS:
                raise refuse(f"nothing can follow `{signs[-1][1]}`")
            case "-":
                pass
            case sign:
                put(sign)
        column += 1
    if group is not None:
        raise refuse("this group is not closed", group)
    return Row(first, column, tuple(signs), tuple(silences), place)


def _why_not(sign: str, role: Role, before: list[str], *, in_group: bool) -> str | None:
    """Say why a sign may not stand there, or None when it may."""
    if sign in "^!" and in_group:
        return f"`{sign}` cannot be part of a group"
    match sign:
        case "^" if "^" in before:
            return "a second `^`"
        case "^" if role == "result":
            return "`^` makes a line hot; a result is what comes out"
        case "^":
            return None
        case "!" if role == "line":
            return "`!` is for who leaves: it stands on a result, or on a window under a line"
        case "!":
            return None
        case _ if role == "window":
            return "a subscription window is `^---!`, without values"
        case "|" | "#":
            return None
        case _ if sign.isdigit():
            return "a marble is a letter, not a number; a legend gives it one: `n = 1`"
        case _ if not (sign.isascii() and sign.isalpha()):
            return f"`{sign}` is no marble"
        case _:
            return None
