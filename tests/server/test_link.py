from __future__ import annotations

import pytest
from websockets.asyncio.client import connect
from websockets.frames import Close, Opcode

from rx_realtime.server import DevServer, Limits
from rx_realtime.wire.inngest.envelope import encode_subscribe
from tests.server.clients import (
    CHANNEL,
    RawSocket,
    bearer,
    connect_url,
    http_client,
    listen,
    publish,
    read_data,
)


async def test_the_first_ping_comes_at_once_and_the_next_after_its_pong():
    async with (
        DevServer(limits=Limits(ping_interval=0.001)) as server,
        RawSocket(server) as websocket,
    ):
        for number in (b"1", b"2", b"3"):
            assert (await websocket.frame(Opcode.PING)).data == number
            websocket.pong(number)


async def test_a_client_that_stops_answering_pings_is_closed_with_1011_and_a_reason():
    """Case 61."""
    limits = Limits(ping_interval=0.001, ping_timeout=0.3)
    async with DevServer(limits=limits) as server, RawSocket(server) as websocket:
        assert (await websocket.frame(Opcode.PING)).data == b"1"
        websocket.pong(b"1")
        assert (await websocket.frame(Opcode.PING)).data == b"2"
        close = Close.parse(bytes((await websocket.frame(Opcode.CLOSE)).data))
        assert (close.code, close.reason) == (1011, "no pong within 0.3 s")
        await server.inngest.until_connections(0)


async def test_a_pong_that_nobody_waits_for_is_no_sign_of_life():
    limits = Limits(ping_interval=0.001, ping_timeout=0.02)
    async with DevServer(limits=limits) as server, RawSocket(server) as websocket:
        websocket.pong(b"another")
        close = Close.parse(bytes((await websocket.frame(Opcode.CLOSE)).data))
        assert close.code == 1011


async def test_a_client_that_never_answers_the_close_is_hung_up_on():
    limits = Limits(close_timeout=0.01)
    async with DevServer(limits=limits) as server, RawSocket(server) as websocket:
        server.faults.drop(4000, "bye")
        frames = await websocket.until_end()
        assert frames[-1].opcode is Opcode.CLOSE


@pytest.mark.parametrize("way", ["header", "query"])
async def test_a_token_for_a_hundred_topics_is_no_problem(server: DevServer, way: str):
    topics = [f"topic-{number:04}-{'y' * 40}" for number in range(100)]
    token = server.inngest.subscription_token(CHANNEL, topics)
    key = token.key.get_secret_value()
    assert len(key) > 8192 + 1024, "it must be longer than the line that websockets can read"
    url = connect_url(server) + (f"?token={key}" if way == "query" else "")
    headers = bearer(token) if way == "header" else {}
    async with (
        connect(url, additional_headers=headers, proxy=None) as websocket,
        http_client(server) as http,
    ):
        await publish(http, b"1", topic=topics[-1])
        assert await read_data(websocket) == 1


async def test_a_command_over_32_kib_is_closed_with_1009(server: DevServer):
    async with listen(server) as websocket:
        await websocket.send(encode_subscribe("x" * 32_768))
        await websocket.wait_closed()
        assert websocket.close_code == 1009


async def test_no_compression_is_offered_back(server: DevServer):
    async with listen(server, compression="deflate") as websocket:
        assert websocket.response is not None
        assert "sec-websocket-extensions" not in websocket.response.headers


async def test_a_handshake_that_is_none_is_refused(server: DevServer):
    token = server.inngest.subscription_token(CHANNEL, ["status"])
    async with http_client(server) as http:
        broken = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "1"}
        answer = await http.get("/v1/realtime/connect", headers={**bearer(token), **broken})
        assert 400 <= answer.status_code < 500
    assert server.inngest.connections == 0
