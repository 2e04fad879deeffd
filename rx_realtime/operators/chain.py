"""How our operators hand values to each other: by one call.

RxPY puts a guard into every subscription. It stops values after the end or after leaving, and
leaves the source at its end; and it costs as much as an operator does. Between two neighbours of
one pipe the guard of the last subscriber is enough, because leaving it leaves them all.

So `chained` makes an observable that a neighbour may listen to without a guard, and `listen` is how
it does. Values pass by one call. An end, which comes once, leaves everything first: sources, timers
and whatever else the operator holds. One rule is left to keep: an operator that delivers several
values in a row stops when it is left.

Most values are messages, and most operators have nothing to say about a message. So there is a fast
lane: an operator that would only hand messages on gives `listen` its observer's `fast_lane`, and
they reach whoever has something to do with them first. It is a shortcut and nothing else: `on_next`
takes every value, and does with a message what the lane does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import Disposable, SingleAssignmentDisposable

__all__ = ["chained", "deferred", "fast_lane", "listen", "relay"]

T = TypeVar("T")


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

    def subscribe(
        observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        try:
            made = make(scheduler)
        except Exception as error:
            made = _failing(error)
        return relay(made, observer, scheduler=scheduler)

    return _Chained(subscribe)


def listen(
    source: Observable[T],
    on_next: abc.OnNext[T],
    on_error: abc.OnError,
    on_completed: abc.OnCompleted,
    *,
    scheduler: abc.SchedulerBase | None,
    lane: abc.OnNext[Any] | None = None,
) -> abc.DisposableBase:
    """Subscribe, as an operator does to its source: without a guard where it needs none.

    Args:
        lane: takes each `Received` or `Chunk` that a source delivers by its fast lane; by default
            `on_next`.
    """
    if isinstance(source, _Chained):
        return source.hand(on_next, on_error, on_completed, scheduler, lane or on_next)
    return source.subscribe(on_next, on_error, on_completed, scheduler=scheduler)


def relay(
    source: Observable[T],
    observer: abc.ObserverBase[T],
    *,
    scheduler: abc.SchedulerBase | None,
) -> abc.DisposableBase:
    """Subscribe an observer as it is, for who has nothing to add."""
    return listen(
        source,
        observer.on_next,
        observer.on_error,
        observer.on_completed,
        scheduler=scheduler,
        lane=fast_lane(observer),
    )


def fast_lane(observer: abc.ObserverBase[Any]) -> abc.OnNext[Any]:
    """Return what takes a `Received` or a `Chunk` in the place of the observer's `on_next`."""
    return observer.lane if isinstance(observer, _Neighbour) else observer.on_next


class _Chained(Observable[T]):
    def hand(
        self,
        on_next: abc.OnNext[T],
        on_error: abc.OnError,
        on_completed: abc.OnCompleted,
        scheduler: abc.SchedulerBase | None,
        lane: abc.OnNext[Any],
    ) -> abc.DisposableBase:
        leaving = SingleAssignmentDisposable()

        def fail(error: Exception) -> None:
            if not leaving.is_disposed:
                leaving.dispose()
                on_error(error)

        def complete() -> None:
            if not leaving.is_disposed:
                leaving.dispose()
                on_completed()

        neighbour = _Neighbour(on_next, fail, complete, lane)
        leaving.disposable = self._subscribe_core(neighbour, scheduler)
        return leaving


class _Neighbour(abc.ObserverBase[Any]):
    """An observer that is nothing but its functions: calling one is one call."""

    def __init__(
        self,
        on_next: abc.OnNext[Any],
        on_error: abc.OnError,
        on_completed: abc.OnCompleted,
        lane: abc.OnNext[Any],
    ) -> None:
        # The functions take the place of the methods that the base class asks for.
        vars(self).update(on_next=on_next, on_error=on_error, on_completed=on_completed)
        self.lane = lane

    def on_next(self, value: Any) -> None: ...

    def on_error(self, error: Exception) -> None: ...

    def on_completed(self) -> None: ...


def _failing(error: Exception) -> Observable[Any]:
    def subscribe(
        observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        observer.on_error(error)
        return Disposable()

    return _Chained(subscribe)
