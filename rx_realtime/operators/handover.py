"""Make before break: a new connection opens before the old one closes."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from reactivex import Observable, abc
from reactivex.scheduler import TimeoutScheduler

from ..models import Update
from ._handing import Handing
from .backoff import Wait, backoff
from .chain import chained

__all__ = ["handover"]


def handover(
    overlap: float = 1.0,
    *,
    wait: Wait | None = None,
    key: Callable[[Update], Hashable] = repr,
    scheduler: abc.SchedulerBase | None = None,
) -> Callable[[Observable[Update]], Observable[Update]]:
    """When the server says that it will close, subscribe again before it does.

    The old connection goes on until the new one is open, and `overlap` seconds more: the server
    may say that a connection is open before it is. What both deliver is delivered once. If the
    new one cannot be opened, the old one goes on and the attempt is repeated; if the old one
    breaks off first, its error goes through, and reconnecting is somebody else's.

    Args:
        overlap: seconds in which both connections deliver, and after which what the old one
            delivered is forgotten.
        wait: the waits between attempts to open the new connection. Default: `backoff()`.
        key: what makes two updates the same one; by default everything they say.
        scheduler: where waits are slept.
    """
    waits = backoff() if wait is None else wait

    def _handover(source: Observable[Update]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            whole = Handing(
                observer, scheduler_, clock, source, overlap=overlap, waits=waits, key=key
            )
            whole.start()
            return whole

        return chained(subscribe)

    return _handover
