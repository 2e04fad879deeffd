"""What is drawn above the call, as observables that write down who subscribes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import reactivex as rx
from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable

from ..diagram import Line, Mark
from .clock import Clock
from .performance import Subscribed

__all__ = ["Drawn", "Value"]

#: Gives the value of a letter, or the error of `#`.
Value = Callable[[Line, str], Any]


class Drawn:
    """All lines of one name.

    Attributes:
        lines: one hot line, or the lines of a cold one, each for its subscription.
        subscribed: the subscriptions, in order.
        observable: what the call is given.
    """

    def __init__(self, lines: Sequence[Line], clock: Clock, value: Value) -> None:
        self.lines = lines
        self.subscribed: list[Subscribed] = []
        self._clock = clock
        self._value = value
        self._listening: list[abc.ObserverBase[Any]] = []
        self.observable: Observable[Any] = rx.create(self._subscribe)

    @property
    def name(self) -> str:
        """The name that all of its lines have."""
        return self.lines[0].name

    @property
    def is_hot(self) -> bool:
        """Whether it happens without subscribers."""
        return self.lines[0].is_hot

    @property
    def is_subscribed(self) -> bool:
        """Whether anybody is subscribed now."""
        return any(each.closes is None for each in self.subscribed)

    def begin(self) -> None:
        """Let a hot line happen: everything on it is due from now on."""
        if self.is_hot:
            for mark in self.lines[0].marks:
                self._clock.schedule_absolute(float(mark.tick), self._happen(mark))

    def _happen(self, mark: Mark) -> abc.ScheduledAction[Any]:
        def act(*_: Any) -> None:
            for observer in tuple(self._listening):
                self._deliver(self.lines[0], mark, observer)

        return act

    def _deliver(self, line: Line, mark: Mark, observer: abc.ObserverBase[Any]) -> None:
        match mark.sign:
            case "|":
                observer.on_completed()
            case "#":
                observer.on_error(self._value(line, "#"))
            case letter:
                observer.on_next(self._value(line, letter))

    def _subscribe(
        self, observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        subscribed = Subscribed(self._clock.tick)
        self.subscribed.append(subscribed)
        happening = CompositeDisposable()

        def leave() -> None:
            subscribed.closes = self._clock.tick
            happening.dispose()
            if observer in self._listening:
                self._listening.remove(observer)

        if self.is_hot:
            self._listening.append(observer)
        elif len(self.subscribed) <= len(self.lines):
            self._play(self.lines[len(self.subscribed) - 1], observer, happening)
        return Disposable(leave)

    def _play(
        self, line: Line, observer: abc.ObserverBase[Any], happening: CompositeDisposable
    ) -> None:
        def later(mark: Mark) -> abc.ScheduledAction[Any]:
            def act(*_: Any) -> None:
                self._deliver(line, mark, observer)

            return act

        for mark in line.marks:
            if mark.tick == line.begins:
                self._deliver(line, mark, observer)  # at once: while it is being subscribed
            else:
                due = mark.tick - line.begins
                happening.add(self._clock.schedule_relative(due, later(mark)))
