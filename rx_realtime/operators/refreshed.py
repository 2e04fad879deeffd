"""One fresh token for a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ..errors import NotAuthorized

__all__ = ["refreshed"]

T = TypeVar("T")


def refreshed() -> Callable[[Observable[T]], Observable[T]]:
    """Subscribe once more when the server does not accept the token.

    The source asks for a token on each subscription, so this is exactly one fresh token; when
    that is refused, too, the error goes through: credentials do not heal.
    """

    def again(error: Exception, source: Observable[T]) -> Observable[T]:
        return source if isinstance(error, NotAuthorized) else rx.throw(error)

    def _refreshed(source: Observable[T]) -> Observable[T]:
        return source.pipe(ops.catch(again))

    return _refreshed
