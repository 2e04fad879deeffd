"""From coroutines to observables: a subscription is a task, and leaving it cancels the task."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, cast

from reactivex import Observable, abc

from ..errors import Unfinished
from .loop import call_on, carry

__all__ = ["Deliver", "from_task"]

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class Deliver(Protocol[T_contra]):
    """Takes a subscription's values, one or several in a row."""

    def __call__(self, *values: T_contra) -> None:
        """Hand them to the observer, unless it has left; also between two of them."""
        ...


#: What a subscription runs: it is called with what takes its values.
Run: TypeAlias = Callable[[Deliver[T]], Awaitable[None]]


def from_task(run: Run[T]) -> Observable[T]:
    """Make an observable whose every subscription runs a coroutine on the running event loop.

    Args:
        run: called with what takes values. Its return completes the sequence, its
            exception is the sequence's error, and disposing cancels it, from whichever thread: it
            then has the loop's time to close what it opened.
    """
    return _Working(run)


class _Working(Observable[T]):
    """Guards what an observer is told by itself, where `subscribe` would put a guard before it."""

    def __init__(self, run: Run[T]) -> None:
        super().__init__(self._begin)
        self._run = run

    def subscribe(
        self,
        on_next: abc.ObserverBase[T] | abc.OnNext[T] | None = None,
        on_error: abc.OnError | None = None,
        on_completed: abc.OnCompleted | None = None,
        *,
        scheduler: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        if isinstance(on_next, abc.ObserverBase):
            observer: abc.ObserverBase[T] = cast(Any, on_next)  # two checkers, two opinions
            return self._begin(observer)
        return super().subscribe(on_next, on_error, on_completed, scheduler=scheduler)

    def _begin(
        self, observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        return _Work(observer, self._run)


class _Work(abc.DisposableBase, Generic[T]):
    """A subscription. After its end, and after it is left, it tells nothing."""

    __slots__ = ("_is_over", "_loop", "_observer", "_on_next", "_task")

    def __init__(self, observer: abc.ObserverBase[T], run: Run[T]) -> None:
        self._observer = observer
        self._on_next = observer.on_next
        self._is_over = False
        self._loop = asyncio.get_running_loop()
        self._task = carry(self._work(run))

    def dispose(self) -> None:
        """Cancel the task."""
        self._is_over = True
        call_on(self._loop, self._task.cancel)

    def _deliver(self, *values: T) -> None:
        on_next = self._on_next
        for value in values:
            if self._is_over:
                return
            on_next(value)

    async def _work(self, run: Run[T]) -> None:
        try:
            await run(self._deliver)
        except asyncio.CancelledError:
            if self._task.cancelling():
                raise
            # Nobody cancelled us: what we waited for was.
            self._fail(Unfinished("what it waited for was cancelled"))
        except Exception as error:
            self._fail(error)
        else:
            if not self._is_over:
                self._is_over = True
                self._observer.on_completed()

    def _fail(self, error: Exception) -> None:
        if not self._is_over:
            self._is_over = True
            self._observer.on_error(error)
