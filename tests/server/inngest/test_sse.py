from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from rx_realtime.server import DevServer, Limits
from rx_realtime.wire.inngest.address import SSE_PATH, TEE_PATH
from rx_realtime.wire.sse import EventDecoder
from tests.server.clients import CHANNEL, TOPIC, bearer, http_client, publish, until


@asynccontextmanager
async def events(
    server: DevServer, http: httpx2.AsyncClient, *topics: str
) -> AsyncIterator[tuple[httpx2.Response, AsyncIterator[bytes]]]:
    token = server.inngest.subscription_token(CHANNEL, topics or [TOPIC])
    async with http.stream("GET", SSE_PATH, headers=bearer(token)) as response:
        yield response, response.aiter_raw()


async def test_the_answer_says_what_it_is_and_begins_with_a_comment(server: DevServer):
    async with http_client(server) as http, events(server, http) as (response, chunks):
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["connection"] == "keep-alive"
        assert response.headers["access-control-expose-headers"] == "Content-Type"
        assert await anext(chunks) == b":\n\n"


async def test_messages_are_events_of_the_same_json_as_on_the_websocket(server: DevServer):
    async with http_client(server) as http, events(server, http) as (_, chunks):
        assert await anext(chunks) == b":\n\n"
        await publish(http, b'{"hello" :\n"sse"}')
        decoder, [event] = EventDecoder().decode(await anext(chunks))
        assert event.data.startswith(b'{"kind":"data","data":{"hello":"sse"},"created_at":')
        await publish(http, b"text\nof two lines")
        _, [event] = decoder.decode(await anext(chunks))
        assert b'"data":"text\\nof two lines"' in event.data


async def test_forwarded_bytes_are_events_already_and_come_unframed(server: DevServer):
    async with http_client(server) as http, events(server, http, "$stream") as (_, chunks):
        assert await anext(chunks) == b":\n\n"
        await http.post(TEE_PATH, params={"channel": CHANNEL}, content=b"data: raw\n\n")
        assert await anext(chunks) == b"data: raw\n\n"


async def test_whoever_got_the_answer_is_subscribed(server: DevServer):
    async with http_client(server) as http, events(server, http):
        assert server.inngest.connections == 1


async def test_a_comment_comes_whenever_nothing_else_does():
    async with (
        DevServer(limits=Limits(ping_interval=0.001)) as server,
        http_client(server) as http,
        events(server, http) as (_, chunks),
    ):
        seen = b""
        async for chunk in chunks:
            seen += chunk
            if len(seen) >= 9:
                break
        assert seen.startswith(b":\n\n:\n\n:\n\n")


async def test_who_leaves_is_forgotten(server: DevServer):
    async with http_client(server) as http, events(server, http):
        pass
    await server.inngest.until_connections(0)


async def test_it_ends_after_its_time():
    async with (
        DevServer(limits=Limits(sse_lifetime=0.01)) as server,
        http_client(server) as http,
        events(server, http) as (_, chunks),
    ):
        assert [chunk async for chunk in chunks] == [b":\n\n"]


async def test_when_the_server_stops_it_says_closing_and_ends():
    async with (
        DevServer() as server,
        http_client(server) as http,
        events(server, http) as (_, chunks),
    ):
        assert await anext(chunks) == b":\n\n"
        await server.stop()
        rest = b"".join([chunk async for chunk in chunks])
        _, [event] = EventDecoder().decode(rest)
        assert event.data.startswith(b'{"kind":"closing","data":""')


async def test_a_slow_reader_is_dropped():
    limits = Limits(max_queue_messages=8, close_timeout=0.01)
    async with (
        DevServer(limits=limits) as server,
        http_client(server) as http,
        events(server, http) as (_, chunks),
    ):
        run = server.inngest.start_run(channel=CHANNEL)
        await until(
            lambda: server.inngest.connections == 0, lambda: run.publish(TOPIC, "x" * 100_000)
        )
        assert await anext(chunks) == b":\n\n"


@pytest.mark.parametrize("token", [None, "bad"])
async def test_without_a_good_token_it_is_answered_401(server: DevServer, token: str | None):
    async with http_client(server) as http:
        answer = await http.get(SSE_PATH, params={"token": token} if token else {})
        assert (answer.status_code, answer.json()["error"]) == (401, "Not authenticated")


async def test_the_token_may_stand_in_the_url(server: DevServer):
    key = server.inngest.subscription_token(CHANNEL, [TOPIC]).key.get_secret_value()
    async with (
        http_client(server) as http,
        http.stream("GET", SSE_PATH, params={"token": key}) as response,
    ):
        assert response.status_code == 200


async def test_one_connection_too_many_is_answered_503():
    async with (
        DevServer(limits=Limits(max_connections=1)) as server,
        http_client(server) as http,
        events(server, http),
        events(server, http) as (response, _),
    ):
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
