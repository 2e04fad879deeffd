"""One fresh token for a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import SerialDisposable

from ..errors import NotAuthorized
from ._slot import fill
from .chain import chained, fast_lane, listen

__all__ = ["refreshed"]

T = TypeVar("T")


def refreshed(
    *,
    accepts: Callable[[T], bool] | None = None,
    refuses: type[Exception] | tuple[type[Exception], ...] = NotAuthorized,
) -> Callable[[Observable[T]], Observable[T]]:
    """Subscribe once more when the server does not accept the token.

    The source asks for a token on each subscription, so this is exactly one fresh token; when
    that is refused, too, the error goes through: credentials do not heal.

    Args:
        accepts: the values that say that a token was accepted: should it run out later, it is
            worth another one. By default there are none.
        refuses: the errors that say that it was not.
    """

    def _refreshed(source: Observable[T]) -> Observable[T]:
        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            connection = SerialDisposable()
            hand_on = fast_lane(observer)
            is_fresh = False

            def connect() -> None:
                fill(
                    connection,
                    lambda: listen(
                        source,
                        observer.on_next if accepts is None else on_next,
                        on_error,
                        observer.on_completed,
                        scheduler=scheduler,
                        lane=hand_on if accepts is None else on_message,
                    ),
                )

            def on_next(value: T) -> None:
                nonlocal is_fresh
                try:
                    is_fresh = is_fresh and not (accepts and accepts(value))
                except Exception as failure:
                    observer.on_error(failure)
                else:
                    observer.on_next(value)

            def on_message(message: Any) -> None:
                if is_fresh:
                    on_next(message)
                else:
                    hand_on(message)

            def on_error(error: Exception) -> None:
                nonlocal is_fresh
                if isinstance(error, refuses) and not is_fresh:
                    is_fresh = True
                    connect()
                else:
                    observer.on_error(error)

            connect()
            return connection

        return chained(subscribe)

    return _refreshed
