"""From a drawn case to what a server does: every sign of its lines is an act, at its tick.

A line is a topic, and a letter on it a message. `|` on the last line of a name completes the run,
when no other goes on; `#` fails it. But where a further line of the same name is drawn, the client
is to come back: there `|` and `#` break the connection. Updates are not published but happen:
`draining` is announced, `closed` and `failed` break the connection, `completed` ends the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..diagram import Case, Line, Mark, Sheet
from ..models import (
    ABSENT,
    Closed,
    Connecting,
    Draining,
    Failed,
    Idle,
    Message,
    Opened,
    Paused,
    Received,
    Reset,
    RunChanged,
    RunStatus,
)
from ..testing.values import value_of

__all__ = ["Act", "Complete", "Drain", "Drop", "Fail", "Publish", "acts_of", "topics_of"]


@dataclass(frozen=True, slots=True)
class Publish:
    """A message."""

    topic: str
    data: Any


@dataclass(frozen=True, slots=True)
class Complete:
    """The run ends with a result."""

    result: Any = None


@dataclass(frozen=True, slots=True)
class Fail:
    """The run ends with an error."""

    error: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Every connection breaks off."""


@dataclass(frozen=True, slots=True)
class Drain:
    """The server says that it will close."""


Act: TypeAlias = Publish | Complete | Fail | Drop | Drain


def _lines(case: Case) -> tuple[Line, ...]:
    """Return what is played: what the call works with, or what comes out where that is nothing."""
    return case.lines or case.results


def topics_of(case: Case) -> tuple[str, ...]:
    """Return the topics that a client can listen to."""
    return tuple(dict.fromkeys(line.name for line in _lines(case)))


def acts_of(sheet: Sheet, case: Case, values: Mapping[str, Any]) -> list[tuple[int, Act]]:
    """Return what happens, with the ticks, from tick 0 on.

    Args:
        values: what legends name; see `testing.load_values`.

    Raises:
        DiagramError: if a legend names what is not there.
    """
    lines = _lines(case)
    found: list[tuple[int, Act]] = []
    for index, line in enumerate(lines):
        goes_on = any(other.name == line.name for other in lines[index + 1 :])
        found += _acts(sheet, case, line, values, goes_on=goes_on)
    found.sort(key=lambda pair: pair[0])
    ends = [at for at, (_, act) in enumerate(found) if isinstance(act, Complete)]
    # What was drawn on several lines is one run: it completes with the last of them.
    done = [pair for at, pair in enumerate(found) if at not in ends[:-1]]
    over = next((at for at, (_, act) in enumerate(done) if _is_end(act)), len(done))
    return done[: over + 1]


def _is_end(act: Act) -> bool:
    return isinstance(act, Complete | Fail)


def _acts(
    sheet: Sheet, case: Case, line: Line, values: Mapping[str, Any], *, goes_on: bool
) -> Iterator[tuple[int, Act]]:
    meanings = sheet.meanings(case, line)
    for mark in line.marks:
        if mark.tick < 0:
            continue  # it happened before anybody could be told
        meaning = meanings.get(mark.sign)
        value = mark.sign if meaning is None else value_of(meaning, values)
        act = _act(line, mark, value, goes_on=goes_on)
        if act is not None:
            yield mark.tick, act


def _act(line: Line, mark: Mark, value: Any, *, goes_on: bool) -> Act | None:
    message = value  # of any type, whatever `match` finds out about it
    match mark.sign, value:
        case (("|" | "#"), _) if goes_on:
            return Drop()
        case "|", _:
            return Complete()
        case "#", _:
            return Fail("it failed" if value == "#" else str(value))
        case "!", _:
            return None  # who leaves is the client
        case _, Received(received):
            return Publish(received.topic, received.data)
        case _, Message():
            return Publish(message.topic, message.data)
        case _, RunChanged(status=RunStatus.COMPLETED, result=result):
            return Complete(None if result is ABSENT else result)
        case _, RunChanged(status=RunStatus.FAILED | RunStatus.CANCELLED):
            return Fail("it failed")
        case _, Draining():
            return Drain()
        case _, Closed() | Failed():
            return Drop()
        case _, Idle() | Connecting() | Opened() | Paused() | Reset() | RunChanged():
            return None  # a client says so itself
        case _:
            return Publish(line.name, value)
