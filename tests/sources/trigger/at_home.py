"""Streams on the dev server, whose time passes when a test lets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from reactivex.scheduler import VirtualTimeScheduler
from tenacity import wait_fixed

from rx_realtime.server import DevServer, RunStream, TriggerLimits

__all__ = ["SOON", "Home", "all_of", "at_home"]

T = TypeVar("T")

#: Retry at once, or nearly.
SOON = wait_fixed(0.001)


async def all_of(reading: AsyncIterable[T]) -> list[T]:
    return [each async for each in reading]


@dataclass
class Home:
    """A server of one's own, and its clock."""

    server: DevServer
    clock: VirtualTimeScheduler = field(default_factory=VirtualTimeScheduler)

    async def finished(self, reading: Awaitable[T], *streams: RunStream) -> T:
        """Let time pass whenever all readers wait, until the one that is given is done."""
        task = asyncio.ensure_future(reading)
        try:
            while not task.done():
                waiting = [asyncio.ensure_future(stream.until_read()) for stream in streams]
                await asyncio.wait([task, *waiting], return_when=asyncio.FIRST_COMPLETED)
                for each in waiting:
                    each.cancel()
                self.clock.advance_by(1.001)
                await asyncio.sleep(0)
            return task.result()
        finally:
            task.cancel()


@asynccontextmanager
async def at_home(
    monkeypatch: pytest.MonkeyPatch, limits: TriggerLimits | None = None
) -> AsyncIterator[Home]:
    """Start a server, and point this process at it by what users set for it."""
    clock = VirtualTimeScheduler()
    clock.advance_to(1_700_000_000)  # the older dialect's ids are times
    async with DevServer(trigger_limits=limits, trigger_scheduler=clock) as server:
        monkeypatch.setenv("TRIGGER_API_URL", server.url)
        monkeypatch.setenv("TRIGGER_SECRET_KEY", server.trigger.secret_key.get_secret_value())
        yield Home(server, clock)
