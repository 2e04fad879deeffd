from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from rx_realtime.server import DevServer
from rx_realtime.testing import FaultProxy
from tests.faults.world import Transport, World


@pytest_asyncio.fixture
async def world(server: DevServer) -> AsyncIterator[World]:
    async with FaultProxy(server.url) as proxy:
        yield World(server, proxy)


@pytest.fixture(params=["websocket", "sse"])
def transport(request: pytest.FixtureRequest) -> Transport:
    name: Transport = request.param
    return name
