"""What many tests need."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from rx_realtime.server import DevServer


@pytest_asyncio.fixture
async def server() -> AsyncIterator[DevServer]:
    """A dev server in the test's own event loop."""
    async with DevServer() as server:
        yield server
