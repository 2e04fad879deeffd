"""Begin again when what we listen to changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, SerialDisposable

from ..models import Reset, Update
from ._slot import Place, fill
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
            outer, inner, resetting = Place(), SerialDisposable(), Place()
            latest: list[K] = []
            no_more = False
            over: list[Exception | None] = []  # how the latest sequence ended, once it has

            def on_key(key: K) -> None:
                try:
                    is_another = bool(latest) and not is_same(latest[0], key)
                except Exception as error:
                    observer.on_error(error)
                    return
                if is_another:
                    inner.disposable = None
                    observer.on_next(Reset())
                latest[:] = [key]
                begin(key)

            def begin(key: K) -> None:
                over.clear()
                inner.disposable = None  # leave the old one before its successor begins
                try:
                    sequence = project(key)
                except Exception as error:
                    on_over(error)
                    return
                fill(
                    inner,
                    lambda: listen(
                        sequence,
                        observer.on_next,
                        on_over,
                        lambda: on_over(None),
                        scheduler=scheduler,
                        lane=fast_lane(observer),
                    ),
                )

            def on_over(error: Exception | None) -> None:
                inner.disposable = None
                over[:] = [error]
                if no_more:
                    finish(error)

            def finish(error: Exception | None) -> None:
                if error is None:
                    observer.on_completed()
                else:
                    observer.on_error(error)

            def on_no_more() -> None:
                nonlocal no_more
                no_more = True
                if over or not latest:
                    finish(over[0] if over else None)

            def on_reset(_: object) -> None:
                observer.on_next(Reset())
                if over and latest:
                    begin(latest[0])

            if resets is not None:
                resetting.hold(resets.subscribe(on_reset, scheduler=scheduler))
            outer.hold(listen(source, on_key, observer.on_error, on_no_more, scheduler=scheduler))
            return CompositeDisposable(outer, inner, resetting)

        return chained(subscribe)

    return _restarted
