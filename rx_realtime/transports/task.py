"""From coroutines to observables: a subscription is a task, and leaving it cancels the task."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import reactivex as rx
from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ..errors import Unfinished
from .loop import call_on, carry

__all__ = ["from_task"]

T = TypeVar("T")


def from_task(run: Callable[[Callable[[T], None]], Awaitable[None]]) -> Observable[T]:
    """Make an observable whose every subscription runs a coroutine on the running event loop.

    Args:
        run: called with the observer's `on_next`. Its return completes the sequence, its
            exception is the sequence's error, and disposing cancels it, from whichever thread: it
            then has the loop's time to close what it opened.
    """

    def subscribe(
        observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        async def work() -> None:
            try:
                await run(observer.on_next)
            except asyncio.CancelledError:
                if task.cancelling():
                    raise
                # Nobody cancelled us: what we waited for was.
                observer.on_error(Unfinished("what it waited for was cancelled"))
            except Exception as error:
                observer.on_error(error)
            else:
                observer.on_completed()

        loop, task = asyncio.get_running_loop(), carry(work())
        return Disposable(lambda: call_on(loop, task.cancel))

    return rx.create(subscribe)
