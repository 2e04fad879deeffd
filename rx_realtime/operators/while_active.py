"""Subscribed only while it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, SerialDisposable

from ._slot import fill
from .chain import chained, relay

__all__ = ["while_active"]

T = TypeVar("T")
R = TypeVar("R")

_NEVER_SAID: Final = object()


def while_active(
    pauses: Observable[R | None], *, announce: Callable[[R], T] | None = None
) -> Callable[[Observable[T]], Observable[T]]:
    """Subscribe to the source while nothing pauses it, and leave it while something does.

    Args:
        pauses: the reason to pause, or None for none. Nothing is subscribed before it speaks.
        announce: makes a value of a reason, delivered when a pause begins or its reason changes.

    Returns:
        An operator. The source's end ends the sequence; that of `pauses` does not.
    """

    def _while_active(source: Observable[T]) -> Observable[T]:
        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            connection = SerialDisposable()
            reason: Any = _NEVER_SAID

            def on_pause(now: R | None) -> None:
                nonlocal reason
                if now is reason or now == reason:
                    return
                reason = now
                if now is None:
                    fill(connection, lambda: relay(source, observer, scheduler=scheduler))
                    return
                connection.disposable = None
                if announce is None:
                    return
                try:
                    announced = announce(now)
                except Exception as error:
                    observer.on_error(error)
                else:
                    observer.on_next(announced)

            pausing = pauses.subscribe(on_pause, observer.on_error, scheduler=scheduler)
            return CompositeDisposable(pausing, connection)

        return chained(subscribe)

    return _while_active
