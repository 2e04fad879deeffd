"""What a diagram says, as frozen values; and the error that points at what it may not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = [
    "Call",
    "Case",
    "DiagramError",
    "Legend",
    "Line",
    "Mark",
    "Meaning",
    "Place",
    "Sheet",
    "Window",
]

#: What ends a line: the end, an error, and the subscriber's leaving.
ENDS: Final = frozenset("|#!")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: to point at it, never to compare by it.

    Attributes:
        line: from 1.
        column: from 1.
        text: the whole line.
    """

    file: str = "<text>"
    line: int = 0
    column: int = 1
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


_NOWHERE: Final = Place()


class DiagramError(ValueError):
    """A diagram says something that cannot be read, drawn or staged."""

    def __init__(self, why: str, place: Place = _NOWHERE) -> None:
        super().__init__(why, place)
        self.why = why
        self.place = place

    def __str__(self) -> str:
        if not self.place.line:
            return self.why
        at = self.place
        return f"{at}:{at.column}: {self.why}\n{at.text}\n{'^':>{at.column}}"


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that happens: `sign` is a letter, `|`, `#` or `!`."""

    tick: int
    sign: str

    @property
    def is_end(self) -> bool:
        """Whether nothing can follow."""
        return self.sign in ENDS


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a legend says of a sign: a dotted name, or a Python literal."""

    text: str
    place: Place = field(default=_NOWHERE, compare=False, repr=False)


Legend = Mapping[str, Meaning]


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when a line must be subscribed; None: still when the drawing ends."""

    opens: int
    closes: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A name, and what happens on it.

    Attributes:
        begins: the tick of its first column.
        until: the tick after its last column.
        is_hot: it happens whether or not anybody is subscribed.
        windows: its subscriptions, where they are drawn.
        legend: what its end says of its signs.
    """

    name: str
    begins: int
    until: int
    marks: tuple[Mark, ...] = ()
    is_hot: bool = False
    windows: tuple[Window, ...] = ()
    legend: Legend = field(default_factory=dict[str, Meaning])
    place: Place = field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """What is done with the lines, as Python text: one call."""

    text: str
    place: Place = field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """One behaviour: lines, a call, and what its subscribers see."""

    title: str
    lines: tuple[Line, ...]
    call: Call
    results: tuple[Line, ...]
    prose: tuple[str, ...] = ()
    legend: Legend = field(default_factory=dict[str, Meaning])
    place: Place = field(default=_NOWHERE, compare=False, repr=False)

    @property
    def begins(self) -> int:
        """The first tick that is drawn: 0, or what happened before."""
        return min(line.begins for line in (*self.lines, *self.results))

    @property
    def until(self) -> int:
        """The tick after the last that is drawn."""
        closes = [w.closes for line in self.lines for w in line.windows if w.closes is not None]
        ends = [line.until for line in (*self.lines, *self.results)]
        return max([*ends, *(tick + 1 for tick in closes)])


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of cases, and what they share.

    Attributes:
        values: the module that defines what legends and calls name.
    """

    cases: tuple[Case, ...]
    prose: tuple[str, ...] = ()
    legend: Legend = field(default_factory=dict[str, Meaning])
    values: str | None = None
    file: str = field(default="<text>", compare=False)

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)

    def meanings(self, case: Case, line: Line) -> Legend:
        """Return what the signs of a line mean: the nearest legend counts."""
        return {**self.legend, **case.legend, **line.legend}
