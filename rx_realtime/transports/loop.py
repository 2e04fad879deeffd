"""Which event loop carries a subscription: the one that runs here, else one of our own.

Connections need an event loop. Inside one, that loop is used. Elsewhere (a script, a notebook's
cell, a thread) one background loop serves all, in a daemon thread that starts on demand.
"""

from __future__ import annotations

import asyncio
import threading
from functools import cache

from reactivex import abc
from reactivex.scheduler import VirtualTimeScheduler
from reactivex.scheduler.eventloop import AsyncIOScheduler, AsyncIOThreadSafeScheduler

__all__ = ["background_loop", "is_virtual", "loop_here", "running_loop", "scheduler_of"]


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs in this thread, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def background_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop of our own thread; the first call starts it."""
    with _starting:
        return _background()


_starting = threading.Lock()


@cache
def _background() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="rx_realtime", daemon=True).start()
    return loop


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
