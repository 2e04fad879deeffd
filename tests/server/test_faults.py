from __future__ import annotations

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Opcode

from rx_realtime.server import DevServer, Limits
from rx_realtime.wire.inngest.address import PUBLISH_PATH, SSE_PATH, TOKEN_PATH
from tests.server.clients import CHANNEL, RawSocket, bearer, http_client, listen, publish, read_data


@pytest.mark.parametrize("status", [401, 409, 429, 503])
async def test_the_next_connects_are_refused_and_then_no_more(server: DevServer, status: int):
    server.faults.refuse(status, times=2, retry_after=7)
    for _ in range(2):
        with pytest.raises(InvalidStatus) as refused:
            async with listen(server):
                pass
        assert refused.value.response.status_code == status
        assert refused.value.response.headers["retry-after"] == "7"
    async with listen(server):
        pass


async def test_server_sent_events_are_refused_alike(server: DevServer):
    server.faults.refuse(503)
    async with http_client(server) as http:
        answer = await http.get(SSE_PATH)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, False)
        assert answer.json() == {"error": "Refused on demand", "data": None, "status": 503}


async def test_other_requests_are_refused_by_their_path(server: DevServer):
    server.faults.refuse(500, path=TOKEN_PATH)
    async with http_client(server) as http, listen(server):
        assert (await http.post(PUBLISH_PATH)).status_code == 200
        assert (await http.post(TOKEN_PATH, json=[])).status_code == 500
        assert (await http.post(TOKEN_PATH, json=[])).status_code == 201


async def test_refusals_come_in_the_order_they_were_asked_for(server: DevServer):
    server.faults.refuse(429)
    server.faults.refuse(401)
    async with http_client(server) as http:
        assert [(await http.get(SSE_PATH)).status_code for _ in range(2)] == [429, 401]


@pytest.mark.parametrize("code", [1011, 4001])
async def test_a_connection_is_accepted_and_dropped_with_a_code(server: DevServer, code: int):
    server.faults.drop_next(code=code, reason="as you wished")
    async with listen(server) as websocket:
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (code, "as you wished")
    async with listen(server), http_client(server):
        assert server.inngest.connections == 1


async def test_a_connection_is_accepted_and_breaks_off_without_a_close_frame(server: DevServer):
    server.faults.drop_next()
    async with listen(server) as websocket:
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
    assert closed.value.rcvd is None


async def test_every_connection_is_dropped_now(server: DevServer):
    async with listen(server) as one, listen(server) as two:
        server.faults.drop(4000, "now")
        for websocket in (one, two):
            with pytest.raises(ConnectionClosed) as closed:
                await websocket.recv()
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4000, "now")
    await server.inngest.until_connections(0)


async def test_every_connection_breaks_off_now(server: DevServer):
    async with listen(server) as websocket:
        server.faults.drop()
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
        assert closed.value.rcvd is None


async def test_server_sent_events_end_when_they_are_dropped(server: DevServer):
    token = server.inngest.subscription_token(CHANNEL, ["status"])
    async with (
        http_client(server) as http,
        http.stream("GET", SSE_PATH, headers=bearer(token)) as response,
    ):
        server.faults.drop(4000)
        assert b"".join([chunk async for chunk in response.aiter_raw()]) == b":\n\n"


async def test_a_stalled_connection_says_nothing_and_answers_no_ping():
    async with DevServer(limits=Limits(ping_interval=0.001)) as server, http_client(server) as http:
        server.faults.stall_next()
        async with RawSocket(server) as stalled, listen(server) as healthy:
            stalled.ping(b"are you there?")
            await publish(http, b'"to all"')
            assert await read_data(healthy) == "to all"
            server.faults.drop()
            frames = await stalled.until_end()
        assert [frame.opcode for frame in frames if frame.opcode is not Opcode.PING] == []


async def test_stalled_server_sent_events_say_nothing_not_even_comments():
    async with DevServer(limits=Limits(ping_interval=0.001)) as server:
        token = server.inngest.subscription_token(CHANNEL, ["status"])
        server.faults.stall_next()
        async with (
            http_client(server) as http,
            http.stream("GET", SSE_PATH, headers=bearer(token)) as stalled,
            http.stream("GET", SSE_PATH, headers=bearer(token)) as healthy,
        ):
            chunks = healthy.aiter_raw()
            assert [await anext(chunks) for _ in range(3)]
            await publish(http, b"1")
            server.faults.drop()
            assert [chunk async for chunk in stalled.aiter_raw()] == []


async def test_a_connection_stalls_in_the_middle():
    async with DevServer() as server, http_client(server) as http, listen(server) as websocket:
        await publish(http, b"1")
        assert await read_data(websocket) == 1
        server.faults.stall()
        await publish(http, b"2")
        server.faults.drop()
        with pytest.raises(ConnectionClosed):
            await websocket.recv()


async def test_what_was_to_go_wrong_can_be_forgotten(server: DevServer):
    server.faults.refuse(401, times=100)
    server.faults.stall_next(times=100)
    server.faults.clear()
    async with listen(server) as websocket, http_client(server) as http:
        await publish(http, b"1")
        assert await read_data(websocket) == 1


@pytest.mark.parametrize("frame", ["{}", "not json", '{"kind":"future"}', "\U0001f600"])
async def test_any_text_is_sent_to_those_on_a_channel(server: DevServer, frame: str):
    async with listen(server) as websocket, listen(server, channel="another") as other:
        server.inngest.send_raw(CHANNEL, frame)
        assert await websocket.recv() == frame
        server.inngest.send_raw("another", "yours")
        assert await other.recv() == "yours"


async def test_bytes_that_are_no_text_are_sent_as_if_they_were(server: DevServer):
    async with listen(server) as websocket:
        server.inngest.send_raw(CHANNEL, b"\xff\xfe\x00")
        assert await websocket.recv(decode=False) == b"\xff\xfe\x00"


async def test_closing_is_announced_and_nothing_closes(server: DevServer):
    async with listen(server) as websocket, http_client(server) as http:
        server.inngest.announce_closing()
        await publish(http, b'"still here"')
        assert await read_data(websocket) == ""
        assert await read_data(websocket) == "still here"
