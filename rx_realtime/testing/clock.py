"""Virtual time that knows what is still to come, and a watch for time that is real."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from reactivex import abc, typing
from reactivex.disposable import BooleanDisposable, CompositeDisposable
from reactivex.testing import TestScheduler

__all__ = ["Clock", "real_threads"]


class Clock(TestScheduler):
    """RxPY's test scheduler, one tick a second. It remembers what it was asked to do."""

    def __init__(self, begins: int) -> None:
        super().__init__(float(begins))
        self._asked: list[tuple[float, BooleanDisposable]] = []

    @property
    def tick(self) -> float:
        """The present; a whole number wherever a diagram can draw it."""
        now = round(self.to_seconds(self.now), 6)
        return int(now) if now.is_integer() else now

    @property
    def pending(self) -> list[float]:
        """When something is due that was neither done nor called off."""
        return [due for due, settled in self._asked if not settled.is_disposed]

    def schedule_absolute(
        self,
        duetime: typing.AbsoluteTime,
        action: typing.ScheduledAction[Any],
        state: Any = None,
    ) -> abc.DisposableBase:
        """Schedule, and remember it."""
        settled = BooleanDisposable()
        self._asked.append((round(self.to_seconds(duetime), 6), settled))

        def act(scheduler: abc.SchedulerBase, state: Any = None) -> abc.DisposableBase | None:
            settled.dispose()
            return action(scheduler, state)

        return CompositeDisposable(super().schedule_absolute(duetime, act, state), settled)


@contextmanager
def real_threads() -> Generator[list[str]]:
    """Collect the names of the threads that begin meanwhile, real timers among them.

    Those timers are called off at the end: they must not go off in somebody else's test.
    """
    found: list[str] = []
    known = set(threading.enumerate())
    hook = threading.getprofile()

    def watch(frame: FrameType, event: str, arg: Any) -> None:
        # A thread's first step; a short one would be gone before we could look for it.
        found.append(threading.current_thread().name)
        sys.setprofile(hook)

    threading.setprofile(watch)
    try:
        yield found
    finally:
        threading.setprofile(hook)
        for thread in set(threading.enumerate()) - known:
            if isinstance(thread, threading.Timer):
                thread.cancel()
            if thread.name not in found:
                found.append(thread.name)
