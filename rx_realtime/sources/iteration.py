"""From observable to `async for`: a bounded buffer between who sends and who reads."""

from __future__ import annotations

import asyncio
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Coroutine, Hashable
from contextlib import suppress
from typing import Any, Generic, Literal, NoReturn, Self, TypeVar, get_args

from reactivex import Observable
from reactivex.disposable import SingleAssignmentDisposable

from ..errors import OptionError, Overflowed
from ..transports import call_on

__all__ = ["Iteration", "Key", "Overflow"]

T = TypeVar("T")

#: What happens to a value that finds the buffer full: the oldest waiting one makes room, the new
#: one is left out, all waiting ones make room, or the iteration fails.
Overflow = Literal["drop_oldest", "drop_newest", "latest", "error"]
#: What a value is the latest of: of each key one value waits, however many keys there are.
Key = Callable[[T], Hashable]


class Iteration(Generic[T]):
    """An observable's values, one after the other: `async for value in …`.

    Subscribed when the iteration begins, left when it ends, is broken out of, or is closed. The
    observable's error is raised after the values that came before it. The values may come from
    any thread; the reader stays in the event loop where it began.

    Args:
        source: what to iterate over.
        buffer: how many values may wait for a reader who is behind.
        overflow: what happens to one more. A function instead takes no heed of `buffer`: of each
            key that it gives only the latest value waits, in the place of the one before it.

    Raises:
        OptionError: if the buffer or the policy is none, or another event loop goes on reading.
    """

    def __init__(
        self,
        source: Observable[T],
        *,
        buffer: int = 1024,
        overflow: Overflow | Key[T] = "drop_oldest",
    ) -> None:
        if buffer < 1:
            raise OptionError(f"a buffer holds at least one value, not {buffer}")
        if not callable(overflow) and overflow not in get_args(Overflow):
            raise OptionError(f"overflow is one of {get_args(Overflow)}, not {overflow!r}")
        self._box: _Box[T] = _Box(source, buffer, overflow)
        # A reader who breaks out of `async for` says goodbye by forgetting us.
        weakref.finalize(self, self._box.leave)

    @property
    def dropped(self) -> int:
        """How many values were left out."""
        return self._box.dropped

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Coroutine[Any, Any, T]:
        return self._box.get(self)

    def dispose(self) -> None:
        """Leave, from whichever thread. What waits is forgotten."""
        self._box.leave()

    async def aclose(self) -> None:
        """Leave. What waits is forgotten."""
        self._box.leave()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._box.leave()


class _Box(Generic[T]):
    """Where values wait. The source knows the box and not its reader, who thus can be forgotten."""

    def __init__(self, source: Observable[T], buffer: int, overflow: Overflow | Key[T]) -> None:
        self.dropped = 0
        self._source = source
        self._buffer = buffer
        self._overflow = overflow
        self._loop: asyncio.AbstractEventLoop | None = None
        self._subscription = SingleAssignmentDisposable()
        self._waiting: deque[T] | _LatestOfEach[T] = deque()
        if callable(overflow):
            self._waiting, self._buffer = _LatestOfEach(overflow), sys.maxsize
        # A deque needs no lock for this: what waits is taken at once.
        self._take = _nothing if callable(overflow) else self._waiting.popleft
        self._is_over = False
        self._error: Exception | None = None
        self._news = asyncio.Event()
        self._lock = threading.Lock()  # one thread may put while another gets

    async def get(self, reader: Iteration[T]) -> T:
        """Take the next value, or wait for it; meanwhile the reader is not forgotten."""
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
            self._subscription.disposable = self._source.subscribe(self._put, self._end, self._end)
        elif self._loop is not loop:
            raise OptionError("an iteration goes on in the event loop where it began")
        take = self._take
        try:  # a `suppress` would take as long as all of this
            return take()
        except LookupError:
            pass
        return await self._wait()

    async def _wait(self) -> T:
        while True:
            with self._lock:
                if self._waiting:
                    return self._waiting.popleft()
                if self._is_over:
                    raise self._error or StopAsyncIteration
                self._news.clear()
            await self._news.wait()

    def leave(self) -> None:
        with self._lock:
            self._is_over, self._error = True, None
            self._waiting.clear()
        if self._loop is not None:
            call_on(self._loop, self._subscription.dispose)
        self._tell()

    def _put(self, value: T) -> None:
        with self._lock:
            if self._is_over:
                return
            waiting = self._waiting
            waited = len(waiting)
            if waited < self._buffer:
                if waiting.append(value):  # in the place of another one
                    self.dropped += 1
            elif self._overflow != "error":
                self._drop(value)
        if not waited:
            self._tell()
        elif waited >= self._buffer and self._overflow == "error":
            self.dropped += 1
            self._subscription.dispose()
            self._end(Overflowed(self._buffer))

    def _drop(self, value: T) -> None:
        waiting = self._waiting
        match self._overflow:
            case "drop_newest":
                self.dropped += 1
                return
            case "latest":
                while waiting:
                    self._drop_oldest()
            case _:
                self._drop_oldest()
        waiting.append(value)

    def _drop_oldest(self) -> None:
        with suppress(LookupError):  # the reader has just taken it
            self._waiting.popleft()
            self.dropped += 1

    def _end(self, error: Exception | None = None) -> None:
        with self._lock:
            if not self._is_over:
                self._is_over, self._error = True, error
        self._tell()

    def _tell(self) -> None:
        if self._loop is not None:
            call_on(self._loop, self._news.set)


class _LatestOfEach(Generic[T]):
    """A queue in which a value takes the place of the one with its key."""

    def __init__(self, key: Key[T]) -> None:
        self._key = key
        self._values: dict[Hashable, T] = {}

    def append(self, value: T) -> bool:
        """Return whether another one made room."""
        key, waited = self._key(value), len(self._values)
        self._values[key] = value
        return len(self._values) == waited

    def popleft(self) -> T:
        return self._values.pop(next(iter(self._values)))

    def clear(self) -> None:
        self._values.clear()

    def __len__(self) -> int:
        return len(self._values)


def _nothing() -> NoReturn:
    raise LookupError
