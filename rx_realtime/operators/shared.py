"""One subscription for many subscribers, who cannot harm each other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

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
        members: tuple[tuple[abc.ObserverBase[T], abc.OnNext[T]], ...] = ()
        connection = SerialDisposable()
        membership = threading.RLock()

        def on_next(value: T) -> None:
            for observer, take in members:
                try:
                    take(value)
                except Exception as error:
                    raised(observer, error)

        def raised(observer: abc.ObserverBase[T], error: Exception) -> None:
            _log.error("a subscriber raised and is left out", exc_info=error)
            leave(observer)
            try:
                observer.on_error(error)
            except Exception:
                _log.debug("it has no on_error", exc_info=True)

        def ended(end: Callable[[abc.ObserverBase[T]], None]) -> None:
            nonlocal members
            with membership:
                left, members = members, ()
                connection.disposable = None
            for observer, _ in left:
                try:
                    end(observer)
                except Exception as error:
                    _log.error("a subscriber raised at the end", exc_info=error)

        def leave(observer: abc.ObserverBase[T]) -> None:
            nonlocal members
            with membership:
                was, members = members, tuple(each for each in members if each[0] is not observer)
                if was and not members:
                    connection.disposable = None

        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            nonlocal members
            with membership:
                members = (*members, (observer, observer.on_next))
                is_first = len(members) == 1
            if is_first:
                fill(
                    connection,
                    lambda: listen(
                        source,
                        on_next,
                        lambda error: ended(lambda each: each.on_error(error)),
                        lambda: ended(lambda each: each.on_completed()),
                        scheduler=scheduler,
                    ),
                )
            return Disposable(lambda: leave(observer))

        return chained(subscribe)

    return _shared


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
