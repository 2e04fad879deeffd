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
from reactivex.disposable import Disposable

from ._slot import Place

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
        neighbour = _Neighbour(on_next, on_error, on_completed, lane)
        neighbour.hold(self._subscribe_core(neighbour, scheduler))
        return neighbour


class _Neighbour(Place, abc.ObserverBase[Any]):
    """An observer that is nothing but its functions: calling one is one call.

    It is also what leaves, so that a link of a chain is one small object.
    """

    __slots__ = ("_on_completed", "_on_error", "lane", "on_next")

    # It takes the place of the method that the base class asks for.
    on_next: abc.OnNext[Any]  # type: ignore[assignment]

    def __init__(
        self,
        on_next: abc.OnNext[Any],
        on_error: abc.OnError,
        on_completed: abc.OnCompleted,
        lane: abc.OnNext[Any],
    ) -> None:
        super().__init__()
        self.on_next = on_next
        self.lane = lane
        self._on_error = on_error
        self._on_completed = on_completed

    def on_error(self, error: Exception) -> None:
        if not self.is_disposed:
            self.dispose()
            self._on_error(error)

    def on_completed(self) -> None:
        if not self.is_disposed:
            self.dispose()
            self._on_completed()


def _failing(error: Exception) -> Observable[Any]:
    def subscribe(
        observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        observer.on_error(error)
        return Disposable()

    return _Chained(subscribe)
