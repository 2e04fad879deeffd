"""Values in batches, at ticks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, SerialDisposable
from reactivex.scheduler import TimeoutScheduler

from ..errors import OptionError
from ..models import Closed, Delivered, Failed, Idle, Message, Paused, Received, Reset, Update
from .chain import chained, fast_lane, listen

__all__ = ["buffered", "buffered_messages"]

T = TypeVar("T")


class _Window(Generic[T]):
    """Collects values, and hands them on at the ticks of a clock that only runs when it must.

    The ticks are those of `buffer_with_time`: multiples of the timespan since the subscription.
    But the timer is armed by the first value of a window: a thousand idle subscriptions that
    re-arm theirs would use a core.
    """

    def __init__(
        self, timespan: float, clock: abc.SchedulerBase, emit: Callable[[list[T]], None]
    ) -> None:
        self.timespan = timespan
        self.timer = SerialDisposable()
        self._clock = clock
        self._emit = emit
        self._since = clock.now
        self._values: list[T] = []

    def add(self, value: T) -> None:
        self._values.append(value)
        if len(self._values) == 1:
            self._arm()

    def flush(self, *_: Any) -> None:
        values, self._values = self._values, []
        self.timer.disposable = None
        if values:
            self._emit(values)

    def retime(self, timespan: float) -> None:
        """Begin new ticks now. What waits goes on waiting, unless nothing waits any longer."""
        self.timespan, self._since = timespan, self._clock.now
        if self._values:
            self._arm()

    def _arm(self) -> None:
        if self.timespan <= 0:
            self.flush()
            return
        passed = (self._clock.now - self._since).total_seconds() / self.timespan
        due = (math.floor(passed + 1e-9) + 1 - passed) * self.timespan
        self.timer.disposable = self._clock.schedule_relative(due, self.flush)


def _checked(timespan: float) -> float:
    if not timespan >= 0:
        raise OptionError(f"a buffer interval is at least 0 s, not {timespan}")
    return timespan


def buffered(
    timespan: float, *, scheduler: abc.SchedulerBase | None = None
) -> Callable[[Observable[T]], Observable[list[T]]]:
    """Deliver values in lists, every `timespan` seconds, and say nothing when there are none.

    The meaning of `buffer_with_time`, without its empty lists and its ever-running timer. What
    waits when the source ends is delivered before the end. A `timespan` of 0 delivers each value
    at once, alone.

    Raises:
        OptionError: if the timespan is negative.
    """
    _checked(timespan)

    def _buffered(source: Observable[T]) -> Observable[list[T]]:
        def subscribe(
            observer: abc.ObserverBase[list[T]], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            window = _Window[T](timespan, clock, observer.on_next)

            def on_error(error: Exception) -> None:
                window.flush()
                observer.on_error(error)

            def on_completed() -> None:
                window.flush()
                observer.on_completed()

            source_ = listen(source, window.add, on_error, on_completed, scheduler=scheduler_)
            return CompositeDisposable(source_, window.timer)

        return chained(subscribe)

    return _buffered


def buffered_messages(
    timespan: float | Observable[float], *, scheduler: abc.SchedulerBase | None = None
) -> Callable[[Observable[Update]], Observable[Update]]:
    """Hold messages back from the views, and let all other updates pass.

    A `Received` goes on at once, marked as pending; a `Delivered` brings its message at the next
    tick. What waits is delivered before every update that would overtake it: pause, close,
    failure, reset, and the end.

    Args:
        timespan: seconds between ticks, or an observable of them; 0 marks nothing as pending, and
            delivers at once what waits.
        scheduler: where ticks are timed.
    """

    def _buffered_messages(source: Observable[Update]) -> Observable[Update]:
        if timespan == 0:
            return source

        def subscribe(
            observer: abc.ObserverBase[Update], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()

            def emit(messages: list[Message[Any]]) -> None:
                observer.on_next(Delivered(tuple(messages)))

            window = _Window[Message[Any]](0, clock, emit)
            timing, hand_on = SerialDisposable(), fast_lane(observer)

            def retime(seconds: float) -> None:
                try:
                    window.retime(_checked(seconds))
                except OptionError as error:
                    observer.on_error(error)

            def on_message(received: Received) -> None:
                if window.timespan > 0:
                    hand_on(Received(received.message, pending=True))
                    window.add(received.message)
                else:
                    hand_on(received)

            def on_next(update: Update) -> None:
                match update:
                    case Received():
                        on_message(update)
                    case Paused() | Closed() | Failed() | Reset() | Idle():
                        window.flush()
                        observer.on_next(update)
                    case _:
                        observer.on_next(update)

            def on_error(error: Exception) -> None:
                window.flush()
                observer.on_error(error)

            def on_completed() -> None:
                window.flush()
                observer.on_completed()

            if isinstance(timespan, Observable):
                timing.disposable = timespan.subscribe(
                    retime, observer.on_error, scheduler=scheduler_
                )
            else:
                retime(timespan)
            source_ = listen(
                source, on_next, on_error, on_completed, scheduler=scheduler_, lane=on_message
            )
            return CompositeDisposable(source_, timing, window.timer)

        return chained(subscribe)

    return _buffered_messages
