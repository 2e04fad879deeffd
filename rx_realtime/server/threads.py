"""Servers in a thread of their own, for programs without an event loop."""

from __future__ import annotations

import asyncio
import inspect
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, overload

from ..errors import LocalError

__all__ = ["LoopThread", "Threaded"]

P = ParamSpec("P")
T = TypeVar("T")


class LoopThread:
    """Runs an event loop in the background until `close`."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._loop = self._runner.get_loop()
        # A daemon, so that a program that forgot to close it can end all the same.
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there, and wait for what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """Stop the loop, and wait until the thread has ended."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._runner.close()


class Threaded(ABC):
    """What starts and stops in an event loop, usable with a plain `with` as well."""

    _thread: LoopThread | None = None

    @abstractmethod
    async def start(self) -> None:
        """Start in the event loop that runs."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop, and leave nothing behind."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    def __enter__(self) -> Self:
        thread = LoopThread()
        try:
            thread.run(self.start())
        except BaseException:
            thread.close()
            raise
        self._thread = thread
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._thread is not None
        thread, self._thread = self._thread, None
        try:
            thread.run(self.stop())
        finally:
            thread.close()

    @overload
    def call(
        self, function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> T: ...
    @overload
    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T: ...
    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call something of the server from outside its thread, and return what it returns.

        For example `run = server.call(server.inngest.start_run, "demo")`, and then
        `server.call(run.publish, "status", {"step": 1}, channel="demo")`.
        """
        if self._thread is None:
            raise LocalError("`call` is for what runs in a thread: in its own loop, just call it")

        async def call() -> Any:
            result = function(*args, **kwargs)
            return await result if inspect.isawaitable(result) else result

        return self._thread.run(call())
