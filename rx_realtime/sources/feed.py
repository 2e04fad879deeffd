"""Observables that are at home outside Rx, too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterator
from concurrent.futures import CancelledError as Cancelled
from typing import Any, TypeVar, cast

from reactivex import Observable, abc
from reactivex.disposable import Disposable, SingleAssignmentDisposable

from ..errors import OptionError, Unfinished
from ..operators import relay
from ..transports import (
    background_loop,
    call_on,
    is_virtual,
    loop_here,
    running_loop,
    scheduler_of,
)
from .guard import Guard
from .iteration import Iteration, Key, Overflow

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
        overflow: what becomes of values for which a reader is too slow, unless it says otherwise.
    """

    def __init__(
        self,
        source: Observable[T_co],
        *,
        scheduler: abc.SchedulerBase | None = None,
        home: Callable[[], asyncio.AbstractEventLoop | None] = lambda: None,
        overflow: Overflow | Key[Any] = "drop_oldest",
    ) -> None:
        super().__init__()
        self._source = source
        self._scheduler = scheduler
        self._home = home
        self._overflow: Overflow | Key[Any] = overflow

    @property
    def source(self) -> Observable[T_co]:
        """What it delivers, for another feed that is made of it: one finds the loop for both."""
        return self._source

    def subscribe(
        self,
        on_next: abc.ObserverBase[T_co] | abc.OnNext[T_co] | None = None,
        on_error: abc.OnError | None = None,
        on_completed: abc.OnCompleted | None = None,
        *,
        scheduler: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        """Subscribe an observer or functions, as to any observable."""
        taker = cast(Any, on_next)
        if hasattr(taker, "on_next"):  # an observer, or what looks like one
            guard = Guard(taker.on_next, taker.on_error, taker.on_completed)
        else:
            guard = Guard(taker, on_error, on_completed)
        try:
            guard.hold(self._subscribe_core(guard, scheduler))
        except Exception as error:
            if guard.is_disposed:
                raise
            guard.on_error(error)
        return guard

    def _subscribe_core(
        self,
        observer: abc.ObserverBase[T_co],
        scheduler: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        if is_virtual(scheduler) or self._scheduler is not None:
            clock = self._scheduler or scheduler
            return self._listen(observer, clock)
        loop = self._home() or loop_here()
        clock = scheduler_of(loop)
        if loop is running_loop():
            return self._listen(observer, clock)
        # All that one loop carries happens in its thread.
        subscription = SingleAssignmentDisposable()

        def begin() -> None:
            try:
                subscription.disposable = self._listen(observer, clock)
            except Exception as error:
                observer.on_error(error)

        call_on(loop, begin)
        return Disposable(lambda: call_on(loop, subscription.dispose))

    def _listen(
        self, observer: abc.ObserverBase[T_co], clock: abc.SchedulerBase | None
    ) -> abc.DisposableBase:
        return relay(self._source, observer, scheduler=clock)

    def iterate(
        self, *, buffer: int = 1024, overflow: Overflow | Key[Any] | None = None
    ) -> Iteration[T_co]:
        """Iterate asynchronously, with a buffer and an overflow policy of your choice.

        Args:
            buffer: as for `Iteration`.
            overflow: as for `Iteration`; by default the feed's own.
        """
        return Iteration(self, buffer=buffer, overflow=overflow or self._overflow)

    def __aiter__(self) -> Iteration[T_co]:
        return self.iterate()

    def __await__(self) -> Generator[Any, None, T_co]:
        return self._last().__await__()

    async def _last(self) -> T_co:
        latest = list[T_co]()
        async with self.iterate(buffer=1) as values:
            async for value in values:
                latest = [value]
        if not latest:
            raise Unfinished("it ended without a value")
        return latest[0]

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

    def blocking(
        self, *, buffer: int = 1024, overflow: Overflow | Key[Any] | None = None
    ) -> Iterator[T_co]:
        """Iterate, blocking between values. Closing the iterator leaves.

        Raises:
            OptionError: as `run`.
        """
        iteration = self.iterate(buffer=buffer, overflow=overflow)
        end = object()
        try:
            while (value := _block(lambda: anext(iteration, end), None)) is not end:
                yield cast(T_co, value)
        finally:
            iteration.dispose()


def _block(make: Callable[[], Awaitable[R]], timeout: float | None) -> R:
    if running_loop() is not None:
        raise OptionError("this would block the running event loop: await it instead")

    loop, working, is_over = background_loop(), list[asyncio.Task[Any]](), False

    async def call() -> R:
        if is_over:
            raise asyncio.CancelledError
        working.extend(filter(None, [asyncio.current_task()]))
        return await make()

    try:
        return asyncio.run_coroutine_threadsafe(call(), loop).result(timeout)
    except TimeoutError:
        if any(task.done() for task in working):  # it is the source's own
            raise
        raise Unfinished(f"no value within {timeout:g} s") from None
    except Cancelled:
        raise Unfinished("it was cancelled") from None
    finally:  # perhaps by Ctrl-C, which can come anywhere above
        is_over = True
        for task in working:
            call_on(loop, task.cancel)
