"""Folds and filters over messages and updates: what a subscriber looks at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast, overload

from reactivex import Observable, abc
from reactivex import operators as ops

from ..models import (
    ByTopic,
    History,
    Message,
    RealtimeState,
    Received,
    Topic,
    Update,
    reduce_state,
    topic_name,
)
from .chain import chained, listen

__all__ = ["by_topic", "history", "on_topic", "states"]

T = TypeVar("T")


def history(limit: int | None = 100) -> Callable[[Observable[T]], Observable[History[T]]]:
    """Accumulate the last `limit` values: one history per value, each immutable and O(1).

    Args:
        limit: how many to keep; None keeps all, 0 none.

    Raises:
        OptionError: if the limit is negative.
    """
    empty: History[Any] = History(limit=limit)

    def append(values: History[T], value: T) -> History[T]:
        return values.append(value)

    def _history(source: Observable[T]) -> Observable[History[T]]:
        return source.pipe(ops.scan(append, cast(History[T], empty)))

    return _history


def by_topic() -> Callable[[Observable[Message[Any]]], Observable[ByTopic]]:
    """Accumulate the last message of each topic."""
    return ops.scan(ByTopic.updated, ByTopic())


@overload
def on_topic(topic: Topic[T]) -> Callable[[Observable[Update]], Observable[Message[T]]]: ...
@overload
def on_topic(topic: str) -> Callable[[Observable[Update]], Observable[Message[Any]]]: ...
def on_topic(
    topic: Topic[Any] | str,
) -> Callable[[Observable[Update]], Observable[Message[Any]]]:
    """Pick the messages of one topic out of the updates, each once, as they come."""
    name = topic_name(topic)

    def _on_topic(source: Observable[Update]) -> Observable[Message[Any]]:
        def subscribe(
            observer: abc.ObserverBase[Message[Any]],
            scheduler: abc.SchedulerBase | None = None,
        ) -> abc.DisposableBase:
            deliver = observer.on_next

            def on_next(update: Update) -> None:
                if isinstance(update, Received) and update.message.topic == name:
                    deliver(update.message)

            return listen(
                source, on_next, observer.on_error, observer.on_completed, scheduler=scheduler
            )

        return chained(subscribe)

    return _on_topic


def states(
    seed: RealtimeState[Any] | None = None,
) -> Callable[[Observable[Update]], Observable[RealtimeState[Any]]]:
    """Fold updates into states: one state per update, the same one where nothing changed."""
    # Not `RealtimeState[Any]()`: calling an alias sets an attribute, which a frozen value refuses.
    begin: RealtimeState[Any] = RealtimeState() if seed is None else seed
    return ops.scan(reduce_state, begin)
