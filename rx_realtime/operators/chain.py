"""How our operators hand values to each other: by one call.

RxPY puts a guard into every subscription. It stops values after the end or after leaving, and
leaves the source at its end; and it costs as much as an operator does. Between two neighbours of
one pipe the guard of the last subscriber is enough, because leaving it leaves them all.

So `chained` makes an observable that a neighbour may listen to without a guard, and `listen` is how
it does. Values pass by one call. An end, which comes once, leaves everything first: sources, timers
and whatever else the operator holds. One rule is left to keep: an operator that delivers several
values in a row stops when it is left.

An operator that is subscribed to a thousand times is a `Link`: one small object where functions
would share cells. `linked` makes its observable.

Most values are messages, and most operators have nothing to say about a message. So there is a fast
lane: an operator that would only hand messages on gives `listen` its observer's `fast_lane`, and
they reach whoever has something to do with them first. It is a shortcut and nothing else: `on_next`
takes every value, and does with a message what the lane does.

Where every message passes, two habits save a sixth of the way. A function that stands in a slot is
taken out before it is called (`hand_on = self._hand_on`), because Python looks for a method there
otherwise. And a type is asked for with `type(…) is`, because a struct's metaclass makes
`isinstance` slow; such types are final.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ._link import Functions, Link, fast_lane
from ._slot import Slot

__all__ = ["chained", "deferred", "fast_lane", "linked", "listen", "relay"]

T = TypeVar("T")
_MakeLink: TypeAlias = Callable[[abc.ObserverBase[Any], abc.SchedulerBase | None], Link]


def chained(subscribe: abc.Subscription[T]) -> Observable[T]:
    """Make an observable, as `reactivex.create` does, whose neighbours need no guard.

    Args:
        subscribe: called with an observer and a scheduler; returns what leaves.
    """
    return _Chained(subscribe)


def deferred(
    make: Callable[[abc.SchedulerBase | None], Observable[T]],
) -> Observable[T]:
    """Make an observable anew for each subscriber, as `reactivex.defer` does.

    Args:
        make: called with the subscriber's scheduler; what it raises is the sequence's error.
    """
    return _Deferred(make)


def linked(source: Observable[Any], make: _MakeLink) -> Observable[Any]:
    """Make an observable of an operator that listens to one source with a `Link`.

    Args:
        source: what each link listens to.
        make: called with an observer and a scheduler.
    """
    return _Linked(source, make)


def listen(
    source: Observable[T],
    on_next: abc.OnNext[T],
    on_error: abc.OnError,
    on_completed: abc.OnCompleted,
    *,
    scheduler: abc.SchedulerBase | None,
    lane: abc.OnNext[Any] | None = None,
    into: Slot | None = None,
) -> abc.DisposableBase:
    """Subscribe, as an operator does to its source: without a guard where it needs none.

    Args:
        lane: takes each `Received` or `Chunk` that a source delivers by its fast lane; by default
            `on_next`.
        into: leaves what it holds, and holds this before it is subscribed: a source that delivers
            at once may make its subscriber leave it again.
    """
    link = Functions(on_next, on_error, on_completed, lane or on_next)
    if into is not None:
        into.hold(link)
    return attach(link, source, scheduler)


def relay(
    source: Observable[T],
    observer: abc.ObserverBase[T],
    *,
    scheduler: abc.SchedulerBase | None,
) -> abc.DisposableBase:
    """Subscribe an observer as it is, for who has nothing to add."""
    if isinstance(source, _Chained):
        return source.hand(observer, scheduler)
    return source.subscribe(observer, scheduler=scheduler)


def attach(link: Link, source: Observable[Any], scheduler: abc.SchedulerBase | None) -> Link:
    """Let a link listen to a source."""
    link.hold(relay(source, link, scheduler=scheduler))
    return link


class _Chained(Observable[T]):
    # The base class would make a lock, too, which few of its operators ask for.
    def __init__(self, subscribe: abc.Subscription[T]) -> None:
        self._subscribe = subscribe

    def __getattr__(self, name: str) -> Any:
        if name != "lock":
            raise AttributeError(name)
        return vars(self).setdefault(name, threading.RLock())

    def hand(
        self, observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None
    ) -> abc.DisposableBase:
        """Subscribe an observer that needs no guard."""
        return self._subscribe_core(observer, scheduler)


class _Deferred(_Chained[T]):
    def __init__(self, make: Callable[[abc.SchedulerBase | None], Observable[T]]) -> None:
        self._make = make

    def _subscribe_core(
        self, observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        try:
            made = self._make(scheduler)
        except Exception as error:
            made = _failing(error)
        return relay(made, observer, scheduler=scheduler)


class _Linked(_Chained[Any]):
    def __init__(self, source: Observable[Any], make: _MakeLink) -> None:
        self._source = source
        self._make = make

    def _subscribe_core(
        self, observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        return attach(self._make(observer, scheduler), self._source, scheduler)


def _failing(error: Exception) -> Observable[Any]:
    def subscribe(
        observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        observer.on_error(error)
        return Disposable()

    return _Chained(subscribe)
