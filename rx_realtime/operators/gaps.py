"""Where messages may be missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from reactivex import Observable, abc
from reactivex.scheduler import TimeoutScheduler

from ..models import Closed, Gap, Opened, Paused, Update
from .chain import chained, fast_lane, listen

__all__ = ["mark_gaps"]


def mark_gaps(
    *, scheduler: abc.SchedulerBase | None = None
) -> Callable[[Observable[Update]], Observable[Update]]:
    """Add a `Gap` after each `Opened` that follows a loss or a pause.

    The server keeps no message for a subscriber who is away, and says nothing about it.

    Args:
        scheduler: whose time a gap is measured in.
    """

    def _mark_gaps(source: Observable[Update]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            listening = False
            since: tuple[str, datetime] | None = None

            def on_next(update: Update) -> None:
                nonlocal listening, since
                observer.on_next(update)
                match update:
                    case Opened():
                        listening = True
                        if since is not None:
                            (reason, then), since = since, None
                            observer.on_next(Gap(reason, then, clock.now))
                    case Closed() | Paused() if listening:
                        listening = False
                        since = ("lost" if isinstance(update, Closed) else "paused", clock.now)
                    case _:
                        pass

            return listen(
                source,
                on_next,
                observer.on_error,
                observer.on_completed,
                scheduler=scheduler_,
                lane=fast_lane(observer),
            )

        return chained(subscribe)

    return _mark_gaps
