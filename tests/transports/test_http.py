"""One request, one answer: what becomes of every way in which it can go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from pydantic import SecretStr

from rx_realtime.errors import (
    ConnectFailed,
    ConnectionLost,
    FrameTooLarge,
    Stalled,
    WireError,
)
from rx_realtime.testing import FaultProxy, Line
from rx_realtime.transports import Settings, exchange
from rx_realtime.wire import Request, Response
from tests.transports.peers import Call, Peer, Script
from tests.transports.test_conformance import answering, say_nothing
from tests.watching import Watch

HURRY = Settings(open_timeout=0.1, idle_timeout=0.1)


def beginning(head: bytes, *rest: bytes) -> Script:
    """Say this much, and then nothing."""

    async def script(call: Call) -> None:
        await call.say(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n", *rest)
        await call.reader.read()

    return script


@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 401, 404, 500, 503])
async def test_an_answer_is_delivered_whatever_its_status(status: int):
    body = b"" if status == 204 else b"hello"
    async with Peer(answering(status, body, x_kind="dev")) as peer:
        request = Request(peer.url("sse"), token=SecretStr("key"))
        async with Watch(exchange(request)) as watch:
            [response] = await watch.until_count(1)
            assert isinstance(response, Response)
            assert (response.status, response.body) == (status, body)
            assert response.headers["x-kind"] == "dev"
            await watch.until(lambda: watch.has_ended)
    assert peer.asked[0].headers["authorization"] == "Bearer key"


async def test_more_than_max_size_is_refused_while_it_comes():
    async def script(call: Call) -> None:
        await call.say(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await call.say(b"x" * 10_000)

    async with (
        Peer(script) as peer,
        Watch(exchange(Request(peer.url("sse")), Settings(max_size=50_000))) as watch,
    ):
        error = await watch.error()
        assert isinstance(error, FrameTooLarge)
        assert error.limit == 50_000


@pytest.mark.parametrize("status", [200, 201, 302])
async def test_a_body_that_is_compressed_unasked_is_not_unpacked(status: int):
    page = answering(status, b"\x1f\x8b\x08", content_encoding="gzip")
    async with Peer(page) as peer, Watch(exchange(Request(peer.url("sse")))) as watch:
        assert isinstance(await watch.error(), WireError)
        assert peer.asked[0].headers["accept-encoding"] == "identity"


async def test_a_server_that_never_answers_is_stalled():
    async with Peer(say_nothing) as peer, Watch(exchange(Request(peer.url("sse")), HURRY)) as watch:
        error = await watch.error()
        assert isinstance(error, Stalled)
        assert str(error) == "waited 0.1 s for an answer"


async def test_a_body_that_stops_is_stalled():
    page = beginning(b"content-length: 5", b"hel")
    async with Peer(page) as peer, Watch(exchange(Request(peer.url("sse")), HURRY)) as watch:
        assert isinstance(await watch.error(), Stalled)


@pytest.mark.parametrize("size", [3, 100])
async def test_an_answer_of_a_byte_at_a_time_has_its_time_too(size: int):
    async with Peer(answering(200, b"x" * 1000)) as peer, FaultProxy(peer.url("sse")) as proxy:
        proxy.down = Line(piece=size, pause=0.02)
        async with Watch(exchange(Request(proxy.url), HURRY)) as watch:
            error = await watch.error()
            assert isinstance(error, Stalled)
            assert str(error) == "waited 0.2 s for a whole answer"


async def test_a_body_that_is_cut_off_is_a_connection_lost():
    async def script(call: Call) -> None:
        await call.say(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel")

    async with Peer(script) as peer, Watch(exchange(Request(peer.url("sse")))) as watch:
        assert isinstance(await watch.error(), ConnectionLost)
        assert watch.values == []


async def test_who_is_not_there_is_not_connected_to():
    async with Peer(say_nothing) as peer:
        pass
    async with Watch(exchange(Request(peer.url("sse")))) as watch:
        assert isinstance(await watch.error(), ConnectFailed)


@pytest.mark.parametrize("error", [ValueError("mine"), httpx2.ReadTimeout("mine"), TimeoutError()])
async def test_what_the_maker_of_the_content_raises_is_not_taken_for_the_networks(
    error: Exception,
):
    async def content() -> AsyncIterator[bytes]:
        yield b"one"
        raise error

    async with Peer(say_nothing) as peer:
        request = Request(peer.url("sse"), method="POST")
        async with Watch(exchange(request, content=content())) as watch:
            assert await watch.error() is error


async def test_content_that_is_still_to_come_has_all_the_time_of_the_world():
    go_on = asyncio.Event()

    async def content() -> AsyncIterator[bytes]:
        yield b"one"
        await go_on.wait()
        yield b"two"

    async def script(call: Call) -> None:
        await call.reader.readuntil(b"one")
        # Longer than the whole answer of a request without such content may take.
        asyncio.get_running_loop().call_later(0.3, go_on.set)
        await call.reader.readuntil(b"0\r\n\r\n")
        await call.answer(200)

    async with Peer(script) as peer:
        request = Request(peer.url("sse"), method="POST")
        settings = Settings(open_timeout=0.1, idle_timeout=0.1)
        async with Watch(exchange(request, settings, content=content())) as watch:
            assert (await watch.until_count(1))[0].status == 200
