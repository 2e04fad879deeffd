"""Options that may change while they are used: where a React prop changes, an observable emits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias, TypeVar, cast

import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import Disposable

from ..errors import OptionError
from ..operators import chained, deferred, listen, relay
from ..transports import call_on, running_loop

__all__ = [
    "Duration",
    "Option",
    "as_seconds",
    "at_once",
    "brought_here",
    "combined",
    "seconds",
    "values",
]

T = TypeVar("T")

#: A value, or an observable of the values that it takes one after the other.
Option: TypeAlias = T | Observable[T]
#: Seconds, or a timedelta.
Duration: TypeAlias = float | timedelta


def values(option: Option[T]) -> Observable[T]:
    """Return the option as an observable, whose values arrive where it is subscribed."""
    if isinstance(option, Observable):
        return brought_here(cast(Observable[T], option))
    return at_once(option)


def combined(
    project: Callable[[tuple[Any, ...]], T],
    *options: Option[Any],
    identity: Callable[[T], object] = lambda value: value,
) -> Observable[T]:
    """Deliver what `project` makes of the options, and again whenever it is another.

    Where all are plain values, as most are, none of them needs a subscription.

    Args:
        project: called with what the options are; what it raises is the sequence's error.
        options: what changes, or does not.
        identity: what tells one from another.
    """
    if not any(isinstance(each, Observable) for each in options):
        return deferred(lambda _: at_once(project(options)))
    changes = rx.combine_latest(*map(values, options))
    return changes.pipe(ops.map(project), ops.distinct_until_changed(identity))


def brought_here(source: Observable[T]) -> Observable[T]:
    """Bring what comes from other threads to the event loop in which it is subscribed."""

    def subscribe(
        observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        loop = running_loop()
        if loop is None:  # virtual time
            return relay(source, observer, scheduler=scheduler)
        return listen(
            source,
            lambda value: call_on(loop, lambda: observer.on_next(value)),
            lambda error: call_on(loop, lambda: observer.on_error(error)),
            lambda: call_on(loop, observer.on_completed),
            scheduler=scheduler,
        )

    return chained(subscribe)


def at_once(value: T) -> Observable[T]:
    """Return an observable of one value. Unlike `rx.just` it needs no scheduler to deliver it."""

    def subscribe(
        observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        observer.on_next(value)
        observer.on_completed()
        return Disposable()

    return chained(subscribe)


def as_seconds(duration: Duration) -> float:
    """Return a duration in seconds.

    Raises:
        OptionError: if it is negative, or no duration.
    """
    length: Any = duration.total_seconds() if isinstance(duration, timedelta) else duration
    if not isinstance(length, int | float) or isinstance(length, bool) or not length >= 0:
        raise OptionError(f"a duration is a number of seconds or a timedelta, not {duration!r}")
    return float(length)


def seconds(option: Option[Duration]) -> Option[float]:
    """Return durations in seconds; one that does not change is checked at once."""
    if isinstance(option, Observable):
        return brought_here(option).pipe(ops.map(as_seconds))
    return as_seconds(option)
