"""What was seen when a case was performed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..diagram import Case, Line

__all__ = ["Event", "Performance", "Seen", "Subscribed"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a subscriber was told; `sign` is `|`, `#`, or anything for a value."""

    tick: float
    sign: str
    value: Any = None

    @property
    def kind(self) -> str:
        """`|`, `#`, or the empty text for a value."""
        return self.sign if self.sign in "|#" else ""


@dataclass
class Subscribed:
    """A subscription: from when, and to when if it is over."""

    opens: float
    closes: float | None = None


@dataclass
class Seen:
    """What one subscriber saw, and what it should have.

    Attributes:
        meanings: what the signs of its line mean.
    """

    line: Line
    meanings: Mapping[str, Any]
    events: list[Event] = field(default_factory=list[Event])

    @property
    def expected(self) -> list[Event]:
        """What is drawn."""
        marks = [mark for mark in self.line.marks if mark.sign != "!"]
        return [Event(mark.tick, mark.sign, self.meanings.get(mark.sign)) for mark in marks]

    @property
    def leaves(self) -> int | None:
        """When the subscriber leaves by itself."""
        return next((mark.tick for mark in self.line.marks if mark.sign == "!"), None)

    @property
    def over(self) -> float | None:
        """When it was over; None if it never was."""
        if self.events and self.events[-1].kind:
            return self.events[-1].tick
        return self.leaves


@dataclass(frozen=True)
class Performance:
    """Everything that happened.

    Attributes:
        seen: by each subscriber.
        subscribed: the subscriptions of each line, by name, as they stood at the last tick.
        left: the lines that were still subscribed to after everybody had left.
        pending: when timers were due that were left behind.
        threads: the threads that began, real timers among them.
        raised: what came out of the scheduler instead of going to `on_error`, and when.
    """

    case: Case
    seen: tuple[Seen, ...]
    subscribed: Mapping[str, tuple[Subscribed, ...]]
    left: tuple[str, ...] = ()
    pending: tuple[float, ...] = ()
    threads: tuple[str, ...] = ()
    raised: tuple[float, Exception] | None = None

    @property
    def over(self) -> float | None:
        """When it was over for every subscriber; None if that never was."""
        ends = [seen.over for seen in self.seen]
        return None if None in ends else max(end for end in ends if end is not None)
