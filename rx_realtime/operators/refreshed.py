"""One fresh token for a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import reactivex as rx
from reactivex import Observable, abc
from reactivex.disposable import SerialDisposable

from ..errors import NotAuthorized
from ._slot import fill

__all__ = ["refreshed"]

T = TypeVar("T")


def refreshed() -> Callable[[Observable[T]], Observable[T]]:
    """Subscribe once more when the server does not accept the token.

    The source asks for a token on each subscription, so this is exactly one fresh token; when
    that is refused, too, the error goes through: credentials do not heal.
    """

    def _refreshed(source: Observable[T]) -> Observable[T]:
        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            connection = SerialDisposable()

            def connect(on_error: Callable[[Exception], None]) -> None:
                fill(
                    connection,
                    lambda: source.subscribe(
                        observer.on_next, on_error, observer.on_completed, scheduler=scheduler
                    ),
                )

            def refused(error: Exception) -> None:
                if isinstance(error, NotAuthorized):
                    connect(observer.on_error)
                else:
                    observer.on_error(error)

            connect(refused)
            return connection

        return rx.create(subscribe)

    return _refreshed
