"""Diagrams on stage: the lines happen on virtual time, and what comes out is compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final, TypeGuard

from reactivex import Observable
from reactivex.disposable import SingleAssignmentDisposable

from ..diagram import Case, DiagramError, Line, Sheet
from ..errors import ConnectionLost
from .calls import make
from .clock import Clock, real_threads
from .lines import Drawn
from .performance import Event, Performance, Seen
from .report import report
from .values import value_of

__all__ = ["BROKEN", "Differs", "check", "perform"]

#: What `#` is where no legend says it: an error that is worth another attempt.
BROKEN: Final = ConnectionLost(reason="#")


class Differs(AssertionError):
    """A case is not what was drawn. The text is the picture of both."""


def check(sheet: Sheet, case: Case, values: Mapping[str, Any] | None = None) -> None:
    """Perform a case, and compare it with what is drawn.

    Ticks, kinds, values with their types, the moment of each subscription, and what is left
    behind: no subscription and no timer may be.

    Args:
        sheet: what the case belongs to.
        case: one of its cases.
        values: what legends and calls name; see `load_values`.

    Raises:
        Differs: if it is not what is drawn.
        DiagramError: if the case cannot be performed.
    """
    performance = perform(sheet, case, values)
    if text := report(performance):
        raise Differs(text) from (performance.raised and performance.raised[1])


def perform(sheet: Sheet, case: Case, values: Mapping[str, Any] | None = None) -> Performance:
    """Perform a case, from its first tick to its last, and write down what happened.

    Raises:
        DiagramError: if it cannot be performed.
    """
    return _Stage(sheet, case, values or {}).perform()


class _Stage:
    """One case, its clock, its lines, and its subscribers."""

    def __init__(self, sheet: Sheet, case: Case, values: Mapping[str, Any]) -> None:
        self.case = case
        self.values = values
        self.clock = Clock(case.begins - 1)
        self.meanings = {
            id(line): self._meanings(sheet, line) for line in (*case.lines, *case.results)
        }
        self.drawn = {
            name: Drawn([each for each in case.lines if each.name == name], self.clock, self._value)
            for name in dict.fromkeys(line.name for line in case.lines)
        }
        self.seen = [Seen(line, self.meanings[id(line)]) for line in case.results]
        self.made: Any = None

    def _meanings(self, sheet: Sheet, line: Line) -> dict[str, Any]:
        legend = sheet.meanings(self.case, line)
        itself = {mark.sign: mark.sign for mark in line.marks if mark.sign.isalpha()}
        known = {sign: value_of(meaning, self.values) for sign, meaning in legend.items()}
        return {"#": BROKEN, **itself, **known}

    def _value(self, line: Line, sign: str) -> Any:
        return self.meanings[id(line)][sign]

    def perform(self) -> Performance:
        subscriptions = [SingleAssignmentDisposable() for _ in self.seen]
        # In one tick, who leaves goes first, then who comes, and then what happens.
        for seen, subscription in zip(self.seen, subscriptions, strict=True):
            if seen.leaves is not None:
                self._at(seen.leaves, subscription.dispose)
        for seen, subscription in zip(self.seen, subscriptions, strict=True):
            self._at(seen.line.begins, self._subscribing(seen, subscription))
        for drawn in self.drawn.values():
            drawn.begin()
        raised: tuple[float, Exception] | None = None
        with real_threads() as threads:
            try:
                self.clock.advance_to(float(self.case.until - 1))
            except DiagramError:
                raise
            except Exception as error:
                raised = (self.clock.tick, error)
            subscribed = {
                name: tuple(replace(each) for each in drawn.subscribed)
                for name, drawn in self.drawn.items()
            }
            for subscription in subscriptions:
                subscription.dispose()
        return Performance(
            self.case,
            tuple(self.seen),
            subscribed,
            left=tuple(name for name, drawn in self.drawn.items() if drawn.is_subscribed),
            pending=tuple(self.clock.pending),
            threads=tuple(threads),
            raised=raised,
        )

    def _at(self, tick: int, act: Callable[[], None]) -> None:
        def action(*_: Any) -> None:
            act()

        self.clock.schedule_absolute(float(tick), action)

    def _subscribing(
        self, seen: Seen, subscription: SingleAssignmentDisposable
    ) -> Callable[[], None]:
        def tell(sign: str, value: Any = None) -> None:
            seen.events.append(Event(self.clock.tick, sign, value))

        def subscribe() -> None:
            subscription.disposable = self._result(seen.line).subscribe(
                lambda value: tell("", value),
                lambda error: tell("#", error),
                lambda: tell("|"),
                scheduler=self.clock,
            )

        return subscribe

    def _result(self, line: Line) -> Observable[Any]:
        """Return what a result line subscribes to: what was made, or what it has of that name."""
        if self.made is None:
            lines = {name: drawn.observable for name, drawn in self.drawn.items()}
            self.made = make(self.case.call, lines, self.values, self.clock)
        found = self.made if _is_observable(self.made) else _attribute(self.made, line.name)
        if not _is_observable(found):
            why = f"what the call makes has no observable `{line.name}`"
            raise DiagramError(why, line.place)
        return found


def _is_observable(value: object) -> TypeGuard[Observable[Any]]:
    return isinstance(value, Observable)


def _attribute(value: Any, path: str) -> object:
    try:
        return attrgetter(path)(value)
    except AttributeError:
        return None
