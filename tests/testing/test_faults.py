"""The bad network itself: it does what it is told, and only that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from rx_realtime.testing import FaultProxy, Line

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def echo() -> AsyncIterator[str]:
    """A server that says what it hears, and ends when its client does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/path"
    finally:
        server.close()


@asynccontextmanager
async def connected(proxy: FaultProxy) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(proxy))
    try:
        yield reader, writer
    finally:
        writer.close()


def port_of(proxy: FaultProxy) -> int:
    return int(proxy.url.split(":")[2].split("/")[0])


async def test_a_good_line_carries_everything_and_ends_with_its_client():
    async with echo() as url, FaultProxy(url) as proxy:
        assert proxy.url.endswith("/path")
        async with connected(proxy) as (reader, writer):
            writer.write(b"x" * 1_000_000)
            writer.write_eof()
            assert len(await reader.read(-1)) == 1_000_000
        await proxy.until_connections(0)
        assert proxy.accepted == 1


async def test_silence_swallows_what_is_said_and_tells_nobody():
    async with echo() as url, FaultProxy(url) as proxy, connected(proxy) as (reader, writer):
        writer.write(b"heard")
        assert await reader.readexactly(5) == b"heard"
        proxy.silence()
        writer.write(b"not heard")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.read(1)
        assert proxy.connections == 1
        async with connected(proxy) as (second, also):  # another one is no victim
            also.write(b"heard")
            assert await second.readexactly(5) == b"heard"


async def test_a_reset_is_one():
    async with echo() as url, FaultProxy(url) as proxy, connected(proxy) as (reader, writer):
        writer.write(b"x")
        await reader.readexactly(1)
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        await proxy.until_connections(0)


async def test_an_end_is_no_reset():
    async with echo() as url, FaultProxy(url) as proxy, connected(proxy) as (reader, writer):
        writer.write(b"x")
        await reader.readexactly(1)
        proxy.end()
        assert await reader.read(1) == b""
        await proxy.until_connections(0)


@pytest.mark.parametrize("limit", [0, 1, 5, 99])
async def test_so_many_bytes_get_through_and_then_it_ends(limit: int):
    async with echo() as url, FaultProxy(url) as proxy:
        proxy.down = Line(limit=limit, then="end")
        async with connected(proxy) as (reader, writer):
            writer.write(b"x" * 100)
            assert len(await reader.read(-1)) == limit


async def test_a_limit_counts_from_where_it_was_set():
    async with echo() as url, FaultProxy(url) as proxy, connected(proxy) as (reader, writer):
        writer.write(b"x" * 100)
        await reader.readexactly(100)
        proxy.down = Line(limit=10, then="end")
        writer.write(b"x" * 100)
        assert len(await reader.read(-1)) == 10


async def test_a_slow_loris_says_one_byte_at_a_time():
    async with echo() as url, FaultProxy(url) as proxy:
        proxy.down = Line(piece=1, pause=0.002, delay=0.01)
        async with connected(proxy) as (reader, writer):
            loop = asyncio.get_running_loop()
            began = loop.time()
            writer.write(b"0123456789")
            pieces = [await reader.read(100) for _ in range(5)]
            assert b"".join(pieces) == b"0123456789"[: len(b"".join(pieces))]
            assert loop.time() - began >= 0.01


async def test_closed_it_refuses_and_opened_again_it_is_where_it_was():
    async with echo() as url, FaultProxy(url) as proxy:
        before = proxy.url
        async with connected(proxy) as (reader, writer):
            writer.write(b"x")
            await reader.readexactly(1)
            await proxy.close()
            with pytest.raises(ConnectionResetError):
                await reader.read(1)
        with pytest.raises(OSError):  # noqa: PT011
            await asyncio.open_connection("127.0.0.1", port_of(proxy))
        await proxy.open()
        assert proxy.url == before
        async with connected(proxy) as (reader, writer):
            writer.write(b"x")
            assert await reader.readexactly(1) == b"x"


async def test_where_nobody_is_behind_it_a_connection_just_ends():
    async with echo() as url:
        pass
    async with FaultProxy(url) as proxy, connected(proxy) as (reader, _):
        assert await reader.read(1) == b""
