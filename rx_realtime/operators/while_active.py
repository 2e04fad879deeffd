"""Subscribed only while it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from reactivex import Observable, abc

from ._slot import Slot
from ._switching import Switching
from .chain import chained, fast_lane, listen

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
            whole = _Wanting(observer, scheduler, source, announce)
            whole.start(pauses)
            return whole

        return chained(subscribe)

    return _while_active


class _Wanting(Switching):
    __slots__ = ("_announce", "_pausing", "_reason", "_source", "lane")

    def __init__(
        self,
        observer: abc.ObserverBase[Any],
        scheduler: abc.SchedulerBase | None,
        source: Observable[Any],
        announce: Callable[[Any], Any] | None,
    ) -> None:
        super().__init__(observer, scheduler)
        self.lane = fast_lane(observer)
        self._source = source
        self._announce = announce
        self._pausing = Slot()
        self._reason: Any = _NEVER_SAID

    def start(self, pauses: Observable[Any]) -> None:
        listen(
            pauses,
            self._on_pause,
            self.on_error,
            self._pausing.empty,
            scheduler=self._scheduler,
            into=self._pausing,
        )

    def dispose(self) -> None:
        super().dispose()
        self._pausing.dispose()

    def _on_pause(self, now: Any) -> None:
        if now is self._reason or now == self._reason:
            return
        self._reason = now
        if now is None:
            self.begin(self._source)
            return
        self.empty()
        if self._announce is None:
            return
        try:
            announced = self._announce(now)
        except Exception as error:
            self.on_error(error)
        else:
            self._observer.on_next(announced)
