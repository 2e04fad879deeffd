"""From observable to `async for`: a bounded buffer between who sends and who reads."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, Literal, Self, TypeVar, get_args

from reactivex import Observable
from reactivex.disposable import SingleAssignmentDisposable

from ..errors import OptionError, Overflowed

__all__ = ["Iteration", "Overflow"]

T = TypeVar("T")

#: What happens to a value that finds the buffer full: the oldest waiting one makes room, the new
#: one is left out, all waiting ones make room, or the iteration fails.
Overflow = Literal["drop_oldest", "drop_newest", "latest", "error"]


class Iteration(Generic[T]):
    """An observable's values, one after the other: `async for value in …`.

    Subscribed when the iteration begins, left when it ends, is broken out of, or is closed. The
    observable's error is raised after the values that came before it.

    Args:
        source: what to iterate over.
        buffer: how many values may wait for a reader who is behind.
        overflow: what happens to one more.

    Attributes:
        dropped: how many values were left out.
    """

    def __init__(
        self, source: Observable[T], *, buffer: int = 1024, overflow: Overflow = "drop_oldest"
    ) -> None:
        if buffer < 1:
            raise OptionError(f"a buffer holds at least one value, not {buffer}")
        if overflow not in get_args(Overflow):
            raise OptionError(f"overflow is one of {get_args(Overflow)}, not {overflow!r}")
        self.dropped = 0
        self._source = source
        self._buffer = buffer
        self._overflow = overflow
        self._waiting: deque[T] = deque()
        self._end: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news: asyncio.Event = asyncio.Event()
        self._subscription = SingleAssignmentDisposable()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._subscription.disposable = self._source.subscribe(
                self._on_next, self._on_end, self._on_completed
            )
        while not self._waiting:
            if self._end is not None:
                raise self._end
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()

    async def aclose(self) -> None:
        """Leave. What waits is forgotten."""
        self._subscription.dispose()
        self._waiting.clear()
        self._end = StopAsyncIteration()
        self._news.set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __del__(self) -> None:
        # A reader who breaks out of `async for` says goodbye by forgetting us.
        self._subscription.dispose()

    def _on_next(self, value: T) -> None:
        if len(self._waiting) >= self._buffer:
            self.dropped += 1
            match self._overflow:
                case "drop_oldest":
                    self._waiting.popleft()
                case "drop_newest":
                    return
                case "latest":
                    self.dropped += len(self._waiting) - 1
                    self._waiting.clear()
                case _:
                    self._subscription.dispose()
                    self._on_end(Overflowed(self._buffer))
                    return
        self._waiting.append(value)
        self._news.set()

    def _on_end(self, error: Exception) -> None:
        if self._end is None:
            self._end = error
        self._news.set()

    def _on_completed(self) -> None:
        self._on_end(StopAsyncIteration())
