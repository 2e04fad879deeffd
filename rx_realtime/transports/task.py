"""From coroutines to observables: a subscription is a task, and leaving it cancels the task."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import reactivex as rx
from reactivex import Observable, abc
from reactivex.disposable import Disposable

__all__ = ["from_task"]

T = TypeVar("T")


def from_task(run: Callable[[Callable[[T], None]], Awaitable[None]]) -> Observable[T]:
    """Make an observable whose every subscription runs a coroutine on the running event loop.

    Args:
        run: called with the observer's `on_next`. Its return completes the sequence, its
            exception is the sequence's error, and disposing cancels it: it then has the loop's
            time to close what it opened.
    """

    def subscribe(
        observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        async def carry() -> None:
            try:
                await run(observer.on_next)
            except Exception as error:
                observer.on_error(error)
            else:
                observer.on_completed()

        task = asyncio.get_running_loop().create_task(carry())
        _running.add(task)  # the loop itself only keeps weak references
        task.add_done_callback(_running.discard)

        def leave() -> None:
            task.cancel()

        return Disposable(leave)

    return rx.create(subscribe)


_running: set[asyncio.Task[None]] = set()
