"""Iteration that nothing gets lost in: a reader who is behind slows the server down."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc

from ...operators import chained, listen
from ..feed import Feed
from ..iteration import Iteration, Key, Overflow

__all__ = ["Gate", "StreamFeed"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Gate:
    """Closed while as many values wait as may wait. Used in one event loop.

    Args:
        most: how many values may wait.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting = 0
        self._opened = asyncio.Event()
        self._opened.set()

    @property
    def is_closed(self) -> bool:
        """Whether nothing passes."""
        return not self._opened.is_set()

    async def __call__(self) -> None:
        """Wait until it is open."""
        await self._opened.wait()

    def add(self) -> None:
        """Count a value that waits."""
        self._waiting += 1
        if self._waiting >= self._most:
            self._opened.clear()

    def counted(self, source: Observable[T]) -> Observable[T]:
        """Count each value as one that waits."""

        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            deliver = observer.on_next

            def on_next(value: T) -> None:
                self.add()
                deliver(value)

            return listen(
                source, on_next, observer.on_error, observer.on_completed, scheduler=scheduler
            )

        return chained(subscribe)

    def take(self) -> None:
        """Count a value that waits no longer."""
        self._waiting -= 1
        if self._waiting * 2 <= self._most:  # half full: not to stop and go with each value
            self._opened.set()


class StreamFeed(Feed[T_co]):
    """A feed whose server can wait: iterating over it loses nothing, however slow the reader is.

    Only with a policy of its own, `iterate(overflow=…)`, an iteration leaves values out.

    Args:
        make: makes what it delivers, given the gate that a connection must pass, if any.
    """

    def __init__(self, make: Callable[[Gate | None], Observable[T_co]]) -> None:
        super().__init__(make(None))
        self._make = make

    def iterate(
        self, *, buffer: int = 1024, overflow: Overflow | Key[Any] | None = None
    ) -> Iteration[T_co]:
        """Iterate asynchronously. When `buffer` values wait, no more is read from the server.

        Args:
            buffer: as for `Iteration`.
            overflow: as for `Iteration`; by default nothing is left out.
        """
        if overflow is not None or buffer < 1:
            return super().iterate(buffer=buffer, overflow=overflow)
        gate = Gate(buffer)
        return _Unhurried(Feed(gate.counted(self._make(gate))), gate)


class _Unhurried(Iteration[T]):
    def __init__(self, source: Observable[T], gate: Gate) -> None:
        super().__init__(source, buffer=sys.maxsize, overflow="error")
        self._gate = gate

    async def __anext__(self) -> T:
        value = await super().__anext__()
        self._gate.take()
        return value
