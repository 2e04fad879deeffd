"""One fresh token for a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc

from ..errors import NotAuthorized
from ._link import fast_lane
from ._switching import Switching
from .chain import chained

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
            whole = _Refreshing(observer, scheduler, source, accepts, refuses)
            whole.begin(source)
            return whole

        return chained(subscribe)

    return _refreshed


class _Refreshing(Switching):
    __slots__ = ("_accepts", "_hand_on", "_is_fresh", "_refuses", "_source", "lane")

    def __init__(
        self,
        observer: abc.ObserverBase[Any],
        scheduler: abc.SchedulerBase | None,
        source: Observable[Any],
        accepts: Callable[[Any], bool] | None,
        refuses: type[Exception] | tuple[type[Exception], ...],
    ) -> None:
        super().__init__(observer, scheduler)
        self._source = source
        self._accepts = accepts
        self._refuses = refuses
        self._is_fresh = False
        self._hand_on = fast_lane(observer)
        self.lane = self._hand_on if accepts is None else self._on_message

    def on_next(self, value: Any) -> None:
        try:
            self._is_fresh = self._is_fresh and not (self._accepts and self._accepts(value))
        except Exception as failure:
            super().on_error(failure)
        else:
            self._observer.on_next(value)

    def _on_message(self, message: Any) -> None:
        if self._is_fresh:
            self.on_next(message)
        else:
            self._hand_on(message)

    def on_error(self, error: Exception) -> None:
        if isinstance(error, self._refuses) and not self._is_fresh:
            self._is_fresh = True
            self.begin(self._source)
        else:
            super().on_error(error)
