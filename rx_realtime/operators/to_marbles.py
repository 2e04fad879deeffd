"""A running stream, drawn as a marble diagram."""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import RLock
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, SerialDisposable
from reactivex.scheduler import TimeoutScheduler

from ..errors import OptionError
from .chain import chained, listen

__all__ = ["to_marbles"]

T = TypeVar("T")

#: Fewer columns could not show three values in one tick, and their end.
_FEWEST = 6


def to_marbles(
    tick: float = 1.0,
    *,
    columns: int = 80,
    name: str = "run",
    call: str = "source()",
    mapper: Callable[[T], object] | None = None,
    scheduler: abc.SchedulerBase | None = None,
) -> Callable[[Observable[T]], Observable[str]]:
    """Draw what the source does, again at each tick: a diagram that grows.

    Each drawing is a whole case, ready to be pasted into a `.marble` file. A letter stands for
    each value, and a legend says for which. An error of the source is drawn, and then the sequence
    completes, as it does after the source's end.

    Args:
        tick: seconds that a column lasts.
        columns: how many are drawn, the latest; memory holds no more than them.
        name: of the line.
        call: of what is drawn, as Python text.
        mapper: what of a value is drawn.

    Raises:
        OptionError: if the tick is not positive, or there are too few columns.
    """
    if not 0 < tick < math.inf:
        raise OptionError(f"a tick is more than 0 s, not {tick}")
    if columns < _FEWEST:
        raise OptionError(f"a drawing has at least {_FEWEST} columns, not {columns}")
    # Who draws nothing does not load what draws.
    from ..diagram import Recording, draw  # noqa: PLC0415

    def _to_marbles(source: Observable[T]) -> Observable[str]:
        def subscribe(
            observer: abc.ObserverBase[str], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            recording = Recording(call, [name], columns=columns)
            timer = SerialDisposable()
            # A timer may go off on a thread of its own while the source delivers.
            lock = RLock()
            began = clock.now

            def now() -> int:
                return math.floor((clock.now - began).total_seconds() / tick + 1e-6)

            def emit() -> None:
                observer.on_next(draw(recording.sheet(now() + 1), patience=columns))

            def look(*_: Any) -> None:
                with lock:
                    emit()
                    arm()

            def arm() -> None:
                passed = (clock.now - began).total_seconds()
                timer.disposable = clock.schedule_relative((now() + 1) * tick - passed, look)

            def on_next(value: T) -> None:
                with lock:
                    try:
                        shown = value if mapper is None else mapper(value)
                    except Exception as error:
                        end()
                        observer.on_error(error)
                    else:
                        recording.value(now(), name, shown)

            def on_error(error: Exception) -> None:
                with lock:
                    recording.failed(now(), name, error)
                    complete()

            def on_completed() -> None:
                with lock:
                    recording.completed(now(), name)
                    complete()

            def complete() -> None:
                end()
                emit()
                observer.on_completed()

            def end() -> None:
                timer.dispose()
                connection.dispose()

            connection = SerialDisposable()
            connection.disposable = listen(
                source, on_next, on_error, on_completed, scheduler=scheduler_
            )
            arm()  # after the source: what comes in a tick is in that tick's drawing
            return CompositeDisposable(connection, timer)

        return chained(subscribe)

    return _to_marbles
