"""Observables that are at home outside Rx, too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterator
from concurrent.futures import CancelledError as Cancelled
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex import operators as ops

from ..errors import OptionError, Unfinished
from ..transports import background_loop, is_virtual, loop_here, running_loop, scheduler_of
from .iteration import Iteration, Overflow

__all__ = ["Feed"]

T_co = TypeVar("T_co", covariant=True)
R = TypeVar("R")


class Feed(Observable[T_co]):
    """An observable that can also be iterated, awaited, and waited for.

        async for value in feed: …          every value, through a bounded buffer
        value = await feed                  the last value, once it has completed
        value = feed.run(timeout=30)        the same, blocking: for scripts and notebooks
        for value in feed.blocking(): …     every value, blocking

    It is cold: nothing happens before one of these, or `subscribe`. It is carried by the event
    loop that runs where it is subscribed, or by one background loop where none does. A virtual
    time scheduler given to `subscribe` takes the loop's place.

    Args:
        source: what it delivers.
        scheduler: takes the place of a loop's scheduler for every subscription.
        home: the loop that must carry it, where it shares something that another loop carries.
    """

    def __init__(
        self,
        source: Observable[T_co],
        *,
        scheduler: abc.SchedulerBase | None = None,
        home: Callable[[], asyncio.AbstractEventLoop | None] = lambda: None,
    ) -> None:
        super().__init__()
        self._source = source
        self._scheduler = scheduler
        self._home = home

    def _subscribe_core(
        self,
        observer: abc.ObserverBase[T_co],
        scheduler: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        if is_virtual(scheduler) or self._scheduler is not None:
            clock = self._scheduler or scheduler
            return self._source.subscribe(observer, scheduler=clock)
        loop = self._home() or loop_here()
        clock = scheduler_of(loop)
        if loop is running_loop():
            return self._source.subscribe(observer, scheduler=clock)
        # All that one loop carries happens in its thread.
        return self._source.pipe(ops.subscribe_on(clock)).subscribe(observer, scheduler=clock)

    def iterate(self, *, buffer: int = 1024, overflow: Overflow = "drop_oldest") -> Iteration[T_co]:
        """Iterate asynchronously, with a buffer and an overflow policy of your choice."""
        return Iteration(self, buffer=buffer, overflow=overflow)

    def __aiter__(self) -> Iteration[T_co]:
        return self.iterate()

    def __await__(self) -> Generator[Any, None, T_co]:
        return self._last().__await__()

    async def _last(self) -> T_co:
        done: asyncio.Future[T_co] = asyncio.get_running_loop().create_future()
        values: list[T_co] = []

        def keep(value: Any) -> None:
            values[:] = [value]

        def fail(error: Exception) -> None:
            if not done.done():
                done.set_exception(error)

        def finish() -> None:
            if done.done():
                return
            if values:
                done.set_result(values[0])
            else:
                done.set_exception(Unfinished("it ended without a value"))

        subscription = self.subscribe(keep, fail, finish)
        try:
            return await done
        finally:
            subscription.dispose()

    def run(
        self, scheduler: abc.SchedulerBase | None = None, *, timeout: float | None = None
    ) -> T_co:
        """Block until it has completed, and return its last value.

        Args:
            scheduler: unused; RxPY's `run` has it.
            timeout: seconds; None waits as long as it takes.

        Raises:
            OptionError: in a thread whose event loop is running: that loop could not go on. Await
                it there.
            Unfinished: if there is no value when it completes, or when `timeout` has passed.
        """
        return _block(self._last, timeout)

    def blocking(self, *, buffer: int = 1024, overflow: Overflow = "drop_oldest") -> Iterator[T_co]:
        """Iterate, blocking between values. Raises as `run`; closing the iterator leaves."""

        async def begin() -> Iteration[T_co]:
            return self.iterate(buffer=buffer, overflow=overflow)

        iteration = _block(begin, None)
        try:
            while True:
                try:
                    yield _block(lambda: _next(iteration), None)
                except _Ended:
                    return
        finally:
            _block(iteration.aclose, None)


class _Ended(Exception):  # a StopAsyncIteration may not travel through a future
    pass


async def _next(iteration: Iteration[R]) -> R:
    try:
        return await anext(iteration)
    except StopAsyncIteration:
        raise _Ended from None


def _block(make: Callable[[], Awaitable[R]], timeout: float | None) -> R:
    if running_loop() is not None:
        raise OptionError("this would block the running event loop: await it instead")

    async def call() -> R:
        return await make()

    future = asyncio.run_coroutine_threadsafe(call(), background_loop())
    try:
        return future.result(timeout)
    except TimeoutError:
        if future.done():
            raise
        raise Unfinished(f"no value within {timeout:g} s") from None
    except Cancelled:
        raise Unfinished("it was cancelled") from None
    finally:
        future.cancel()
