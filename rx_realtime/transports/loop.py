"""Which event loop carries a subscription: the one that runs here, else one of our own.

Connections need an event loop. Inside one, that loop is used. Elsewhere (a script, a notebook's
cell, a thread) one background loop serves all, in a daemon thread that starts on demand.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Final

from reactivex import abc
from reactivex.scheduler import VirtualTimeScheduler
from reactivex.scheduler.eventloop import AsyncIOScheduler, AsyncIOThreadSafeScheduler

__all__ = [
    "background_loop",
    "call_on",
    "carry",
    "is_virtual",
    "loop_here",
    "running_loop",
    "scheduler_of",
]

#: Seconds that connections of the background loop have to say goodbye when the program ends.
PATIENCE: Final = 2.0


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs in this thread, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def background_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop of our own thread; the first call starts it."""
    global _background  # noqa: PLW0603  (one for all, started on demand)
    with _starting:
        # In a forked process no thread of its parent lives on.
        if _background is None or not _background.is_alive() or _background.loop.is_closed():
            _background = _Background()
            _background.start()
        return _background.loop


class _Background(threading.Thread):
    """Runs a loop for as long as the program does."""

    def __init__(self) -> None:
        super().__init__(name="rx_realtime", daemon=True)
        self.loop = asyncio.new_event_loop()
        atexit.register(self._end)

    def run(self) -> None:
        try:
            self.loop.run_forever()
        finally:  # a callback raised SystemExit: the next to ask gets another loop
            self.loop.close()

    def _end(self) -> None:
        if self.is_alive():
            with suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(_leave(), self.loop).result(2 * PATIENCE)


async def _leave() -> None:
    """End all subscriptions, and wait until their connections are closed."""
    loop = asyncio.get_running_loop()
    for task in tuple(_carried):
        if task.get_loop() is loop and not task.cancelling():
            task.cancel()
    if tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(tasks, timeout=PATIENCE)


_starting = threading.Lock()
_background: _Background | None = None


def carry(work: Coroutine[object, object, None]) -> asyncio.Task[None]:
    """Run what carries a subscription as a task of the running loop."""
    task = asyncio.get_running_loop().create_task(work)
    _carried.add(task)  # the loop itself only keeps weak references
    task.add_done_callback(_carried.discard)
    return task


_carried: set[asyncio.Task[None]] = set()


def call_on(loop: asyncio.AbstractEventLoop, action: Callable[[], object]) -> None:
    """Do something where it belongs: at once in that loop, soon from anywhere else.

    Where the loop is closed there is nothing left to be done.
    """
    if loop is running_loop():
        action()
    else:
        with suppress(RuntimeError):  # it is closed
            loop.call_soon_threadsafe(action)


def loop_here() -> asyncio.AbstractEventLoop:
    """Return the event loop that carries what is subscribed here and now."""
    return running_loop() or background_loop()


def scheduler_of(loop: asyncio.AbstractEventLoop) -> AsyncIOScheduler:
    """Return a scheduler on `loop` that may be used from this thread."""
    if loop is running_loop():
        return AsyncIOScheduler(loop)
    return AsyncIOThreadSafeScheduler(loop)


def is_virtual(scheduler: abc.SchedulerBase | None) -> bool:
    """Whether time is only counted: then nothing needs a loop, and nothing may use a thread."""
    return isinstance(scheduler, VirtualTimeScheduler)
