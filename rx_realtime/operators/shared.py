"""One subscription for many subscribers, who cannot harm each other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import Disposable, SerialDisposable

from ._slot import fill
from .chain import chained, listen, relay

__all__ = ["latest", "shared"]

T = TypeVar("T")
_log = logging.getLogger("rx_realtime")


def shared() -> Callable[[Observable[T]], Observable[T]]:
    """Subscribe once, with the first subscriber; leave with the last.

    The meaning of `share`, with two differences. A subscriber that raises is told so by its own
    `on_error`, logged and left out, and the others get every value: with a `Subject` the next
    subscriber never sees it. And the list of subscribers is copied when it changes, not locked
    when it is read: a value costs a tenth.

    After an end or an error the next subscriber begins anew.
    """

    def _shared(source: Observable[T]) -> Observable[T]:
        return chained(_Hub(source).subscribe)

    return _shared


class _Hub(Generic[T]):
    """Who is subscribed, each with what takes its values, and the subscription that they share."""

    __slots__ = ("_connection", "_members", "_membership", "_source")

    def __init__(self, source: Observable[T]) -> None:
        self._source = source
        self._members: tuple[tuple[abc.ObserverBase[T], abc.OnNext[T]], ...] = ()
        self._connection = SerialDisposable()
        self._membership = threading.RLock()

    def subscribe(
        self, observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        with self._membership:
            self._members = (*self._members, (observer, observer.on_next))
            is_first = len(self._members) == 1
        if is_first:
            fill(
                self._connection,
                lambda: listen(
                    self._source, self._deliver, self._fail, self._complete, scheduler=scheduler
                ),
            )
        return Disposable(lambda: self._leave(observer))

    def _deliver(self, value: T) -> None:
        for observer, take in self._members:
            try:
                take(value)
            except Exception as error:
                self._raised(observer, error)

    def _raised(self, observer: abc.ObserverBase[T], error: Exception) -> None:
        _log.error("a subscriber raised and is left out", exc_info=error)
        self._leave(observer)
        try:
            observer.on_error(error)
        except Exception:
            _log.debug("it has no on_error", exc_info=True)

    def _leave(self, observer: abc.ObserverBase[T]) -> None:
        with self._membership:
            was = self._members
            self._members = tuple(each for each in was if each[0] is not observer)
            if was and not self._members:
                self._connection.disposable = None

    def _fail(self, error: Exception) -> None:
        self._end(lambda each: each.on_error(error))

    def _complete(self) -> None:
        self._end(lambda each: each.on_completed())

    def _end(self, end: Callable[[abc.ObserverBase[T]], None]) -> None:
        with self._membership:
            left, self._members = self._members, ()
            self._connection.disposable = None
        for observer, _ in left:
            try:
                end(observer)
            except Exception as error:
                _log.error("a subscriber raised at the end", exc_info=error)


def latest() -> Callable[[Observable[T]], Observable[T]]:
    """Share, and tell a late subscriber the latest value at once.

    The meaning of `replay(1)` and `ref_count`, without its queue: nobody waits for a scheduler.
    """

    def _latest(source: Observable[T]) -> Observable[T]:
        known: list[T] = []

        def know(value: T) -> None:
            known[:] = [value]

        hub = source.pipe(ops.do_action(know), ops.finally_action(known.clear), shared())

        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            for value in tuple(known):
                observer.on_next(value)
            return relay(hub, observer, scheduler=scheduler)

        return chained(subscribe)

    return _latest
