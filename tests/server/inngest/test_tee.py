from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from rx_realtime.server import DevServer
from rx_realtime.server.inngest.tee import MAX_TEE
from rx_realtime.wire.inngest.address import TEE_PATH
from tests.server.clients import CHANNEL, TOPIC, bearer, http_client, listen

WHERE = {"channel": CHANNEL}
EVENT = b'event: x\ndata: {"a":1}\n\n'


async def test_bytes_are_forwarded_as_they_are_to_the_stream_topic(server: DevServer):
    async with (
        listen(server, "$stream") as websocket,
        listen(server, "$stream", channel="another") as other,
        http_client(server) as http,
    ):
        answer = await http.post(TEE_PATH, params=WHERE, content=EVENT)
        assert (answer.status_code, answer.content) == (200, b"")
        assert await websocket.recv(decode=False) == EVENT
        await http.post(TEE_PATH, params={"channel": "another"}, content=b"yours")
        assert await other.recv() == "yours"


async def heard(server: DevServer, *pieces: bytes) -> tuple[int, list[str]]:
    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async with listen(server, "$stream", max_queue=None) as websocket, http_client(server) as http:
        answer = await http.post(TEE_PATH, params=WHERE, content=chunks())
        await http.post(TEE_PATH, params=WHERE, content=b"the end")
        said = []
        while (text := str(await websocket.recv())) != "the end":
            said.append(text)
        return answer.status_code, said


async def test_large_bodies_are_cut_into_pieces_of_32_kib_at_characters(server: DevServer):
    text = "a" + "\U0001f600" * 50_000
    status, pieces = await heard(server, text.encode())
    assert (status, "".join(pieces)) == (200, text)
    assert len(pieces) > 1
    assert max(len(piece.encode()) for piece in pieces) <= 32 * 1024 + 3


async def test_a_character_that_comes_in_two_pieces_is_put_together(server: DevServer):
    status, pieces = await heard(server, b"\xf0\x9f", b"\x98\x80")
    assert (status, "".join(pieces)) == (200, "\U0001f600")


async def test_what_is_no_utf_8_is_replaced_so_that_no_subscriber_hangs_up(server: DevServer):
    assert await heard(server, b"\xff\xfe\0\xf0\x9f") == (200, ["��\0", "�"])


async def test_an_empty_body_says_nothing(server: DevServer):
    assert await heard(server) == (200, [])


async def test_what_is_over_1024000_bytes_is_answered_413_after_what_fits(server: DevServer):
    status, pieces = await heard(server, b"z" * MAX_TEE, b"y")
    assert (status, "".join(pieces)) == (413, "z" * MAX_TEE)
    status, pieces = await heard(server, b"z" * MAX_TEE)
    assert (status, "".join(pieces)) == (200, "z" * MAX_TEE)


async def test_what_came_before_the_sender_went_away_is_forwarded(server: DevServer):
    async def endless() -> AsyncIterator[bytes]:
        yield b"some\xf0\x9f"
        await asyncio.Event().wait()

    async with listen(server, "$stream") as websocket, http_client(server) as http:
        forwarding = asyncio.create_task(http.post(TEE_PATH, params=WHERE, content=endless()))
        assert await websocket.recv() == "some"
        forwarding.cancel()
        assert await websocket.recv() == "�"


@pytest.mark.parametrize("query", [{}, {"channel": ""}])
async def test_without_a_channel_it_is_answered_400(server: DevServer, query: dict[str, str]):
    async with http_client(server) as http:
        answer = await http.post(TEE_PATH, params=query, content=b"x")
        assert (answer.status_code, answer.text) == (400, "channel query parameter required\n")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_subscription_jwt_may_not_forward(server: DevServer):
    token = server.inngest.subscription_token(CHANNEL, [TOPIC])
    async with http_client(server) as http:
        answer = await http.post(TEE_PATH, params=WHERE, content=b"x", headers=bearer(token))
        assert (answer.status_code, answer.text) == (401, "Not authenticated for publishing\n")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_where_there_is_a_signing_key_it_is_asked_for():
    async with DevServer(signing_key="signkey-test-abab") as server, http_client(server) as http:
        answer = await http.post(TEE_PATH, params=WHERE, content=b"x")
        assert (answer.status_code, answer.text) == (401, "Authentication failed\n")
        headers = bearer(server.inngest.publish_token())
        assert (await http.post(TEE_PATH, params=WHERE, headers=headers)).status_code == 200
