"""Begin again when what we listen to changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc

from ..models import Reset, Update
from ._slot import Slot
from ._switching import Switching
from .chain import chained, fast_lane, listen

__all__ = ["restarted"]

K = TypeVar("K")


def restarted(
    project: Callable[[K], Observable[Update]],
    *,
    is_same: Callable[[K, K], bool] = lambda one, other: bool(one == other),
    resets: Observable[object] | None = None,
) -> Callable[[Observable[K]], Observable[Update]]:
    """Listen to what `project` makes of the latest value, with a `Reset` where it is another.

    Args:
        project: makes the sequence of a value.
        is_same: whether two values in a row are one thing, so that what is known stays true: the
            sequence is made anew, and nothing is forgotten.
        resets: each of its values is a `Reset`; where the sequence has ended, it begins again.

    Returns:
        An operator. While another value may follow, a sequence that ends or fails is waited out;
        the last one's end or error is that of the whole.
    """

    def _restarted(source: Observable[K]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            whole = _Restarting(observer, scheduler, project, is_same)
            whole.start(source, resets)
            return whole

        return chained(subscribe)

    return _restarted


class _Restarting(Switching):
    __slots__ = (
        "_is_no_more", "_is_same", "_latest", "_outer", "_over", "_project", "_resetting", "lane"
    )  # fmt: skip

    def __init__(
        self,
        observer: abc.ObserverBase[Update],
        scheduler: abc.SchedulerBase | None,
        project: Callable[[Any], Observable[Update]],
        is_same: Callable[[Any, Any], bool],
    ) -> None:
        super().__init__(observer, scheduler)
        self.lane = fast_lane(observer)
        self._project = project
        self._is_same = is_same
        self._outer, self._resetting = Slot(), Slot()
        self._latest: tuple[Any, ...] = ()
        self._is_no_more = False
        self._over: tuple[Exception | None, ...] = ()  # how the latest sequence ended

    def start(self, source: Observable[Any], resets: Observable[object] | None) -> None:
        if resets is not None:
            self._resetting.hold(
                listen(resets, self._reset, _ignored, _nothing, scheduler=self._scheduler)
            )
        listen(
            source,
            self._on_key,
            super().on_error,
            self._no_more,
            scheduler=self._scheduler,
            into=self._outer,
        )

    def dispose(self) -> None:
        super().dispose()
        self._outer.dispose()
        self._resetting.dispose()

    def on_error(self, error: Exception) -> None:
        self._on_over(error)

    def on_completed(self) -> None:
        self._on_over(None)

    def _on_key(self, key: Any) -> None:
        try:
            is_another = bool(self._latest) and not self._is_same(self._latest[0], key)
        except Exception as error:
            super().on_error(error)
            return
        if is_another:
            self.empty()
            self._observer.on_next(Reset())
        self._latest = (key,)
        self._begin(key)

    def _begin(self, key: Any) -> None:
        self._over = ()
        self.empty()  # leave the old one before its successor begins
        try:
            sequence = self._project(key)
        except Exception as error:
            self._on_over(error)
        else:
            self.begin(sequence)

    def _on_over(self, error: Exception | None) -> None:
        self.empty()
        self._over = (error,)
        if self._is_no_more:
            self._finish(error)

    def _finish(self, error: Exception | None) -> None:
        if error is None:
            super().on_completed()
        else:
            super().on_error(error)

    def _no_more(self) -> None:
        self._is_no_more = True
        self._outer.empty()
        if self._over or not self._latest:
            self._finish(self._over[0] if self._over else None)

    def _reset(self, _: object) -> None:
        self._observer.on_next(Reset())
        if self._over and self._latest:
            self._begin(self._latest[0])


def _ignored(_: Exception) -> None:
    """Resets do not fail."""


def _nothing() -> None:
    """Go on without any more resets."""
