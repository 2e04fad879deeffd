from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from rx_realtime.server import DevServer
from rx_realtime.testing import FaultProxy
from tests.faults.world import World


@pytest_asyncio.fixture
async def world(server: DevServer) -> AsyncIterator[World]:
    async with FaultProxy(server.url) as proxy:
        yield World(server, proxy)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test with whatever carries it, and websockets by each library that can."""
    libraries = ["websockets", "picows"]
    if "transport" in metafunc.fixturenames:
        metafunc.fixturenames.append("library")
        ways = [("websocket", library) for library in libraries] + [("sse", "websockets")]
        names = [*libraries, "sse"]
        metafunc.parametrize("transport,library", ways, ids=names, indirect=["library"])
    elif "world" in metafunc.fixturenames:
        metafunc.fixturenames.append("library")
        metafunc.parametrize("library", libraries, indirect=True)
