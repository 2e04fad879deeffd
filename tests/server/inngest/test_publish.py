from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx2
import pytest

from rx_realtime.models import Message
from rx_realtime.server import DevServer
from rx_realtime.wire.inngest.address import PUBLISH_PATH
from rx_realtime.wire.inngest.api import MAX_CHUNK, MAX_CHUNKS, MAX_PAYLOAD
from rx_realtime.wire.inngest.claims import DEV_ENV
from rx_realtime.wire.inngest.envelope import decode_envelope
from tests.server.clients import (
    CHANNEL,
    TOPIC,
    WHERE,
    bearer,
    http_client,
    listen,
    publish,
    read,
    read_data,
)

RUN_ID = "01JAAAAAAAAAAAAAAAAAAAAAAA"
STREAM = {"content-type": "text/stream"}


# ── messages ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b'{"hello":"world","n":1}', {"hello": "world", "n": 1}),
        (b"[1,2,3]", [1, 2, 3]),
        (b'"a json string"', "a json string"),
        (b"42", 42),
        (b"null", None),
        (b"true", True),
        (b"", ""),
        (b'  {"a" :  1}\n', {"a": 1}),
        (b'{"a" : " \\" { \\\\", "b"\r\n:\t" "}', {"a": ' " { \\', "b": " "}),
        ('{"u":"é\U0001f600<&>"}'.encode(), {"u": "é\U0001f600<&>"}),
        (b"plain text, not JSON", "plain text, not JSON"),
        (b"bad utf8 \xff\xfe end", "bad utf8 �� end"),
        (b'{"bad":"\xff"}', {"bad": "�"}),
        (b"two\nlines", "two\nlines"),
        (b"NaN", "NaN"),
        (b"[Infinity]", "[Infinity]"),
        (b"\xef\xbb\xbf{}", "\ufeff{}"),
        ("{}".encode("utf-16"), "��{\0}\0"),
        (b'"\\ud800"', "\ud800"),
        (b"{'a':1}", "{'a':1}"),
    ],
)
async def test_json_is_embedded_as_it_is_and_all_else_is_a_string(
    server: DevServer, body: bytes, data: Any
):
    async with listen(server) as websocket, http_client(server) as http:
        answer = await publish(http, body)
        assert (answer.status_code, answer.content) == (200, b"")
        assert "content-type" not in answer.headers
        assert await read_data(websocket) == data


@pytest.mark.parametrize("number", ["1" * 5000, "1e400", "0.1000000000000000055511151231257827"])
async def test_a_number_stays_the_digits_it_is(server: DevServer, number: str):
    async with listen(server) as websocket, http_client(server) as http:
        await publish(http, number.encode())
        assert f'"data":{number},' in str(await websocket.recv())


async def test_a_frame_has_what_the_real_servers_has_in_the_same_order(server: DevServer):
    async with listen(server) as websocket, http_client(server) as http:
        await publish(http, b'{"x":1}', run_id=RUN_ID, metadata='{"m":1}')
        frame = await websocket.recv(decode=False)
    assert [*json.loads(frame)] == [
        *("kind", "data", "metadata", "created_at", "channel", "env_id", "topic", "run_id"),
    ]
    message = decode_envelope(frame)
    assert isinstance(message, Message)
    assert message.created_at is not None
    assert (message.channel, message.topic, message.data) == (CHANNEL, TOPIC, {"x": 1})
    assert (message.run_id, message.metadata, message.env_id) == (RUN_ID, {"m": 1}, DEV_ENV)


async def test_given_optional_fields_unset_must_omit_them_and_never_say_null(server: DevServer):
    """Case 59."""
    async with listen(server, "", channel="") as websocket, http_client(server) as http:
        await http.post(PUBLISH_PATH, content=b"null")
        frame = await read(websocket)
    assert [*frame] == ["kind", "data", "created_at", "env_id", "topic"]
    assert [name for name, value in frame.items() if value is None] == ["data"]


async def test_a_run_id_that_is_none_is_ignored(server: DevServer):
    async with listen(server) as websocket, http_client(server) as http:
        assert (await publish(http, b"1", run_id="no ulid")).status_code == 200
        assert "run_id" not in await read(websocket)


async def test_metadata_that_is_no_json_drops_the_message_and_is_logged(
    server: DevServer, caplog: pytest.LogCaptureFixture
):
    async with listen(server) as websocket, http_client(server) as http:
        with caplog.at_level(logging.WARNING):
            assert (await publish(http, b"1", metadata="not json")).status_code == 200
        assert (await publish(http, b"2", metadata="null")).status_code == 200
        frame = await read(websocket)
        assert (frame["data"], "metadata" in frame) == (2, False)
    assert "metadata is no JSON" in caplog.text


async def test_of_several_topics_only_the_first_counts(server: DevServer):
    async with listen(server, "a", "b") as websocket, http_client(server) as http:
        for body, topics in ((b"1", ["a", "b"]), (b"2", ["b", "a"])):
            query = {"channel": CHANNEL, "topic": topics}
            await http.post(PUBLISH_PATH, params=query, content=body)
        said = [await read(websocket), await read(websocket)]
        assert [(each["topic"], each["data"]) for each in said] == [("a", 1), ("b", 2)]


async def test_a_payload_of_512_kib_is_delivered_whole(server: DevServer):
    async with listen(server) as websocket, http_client(server) as http:
        body = json.dumps("x" * (MAX_PAYLOAD - 2)).encode()
        assert len(body) == MAX_PAYLOAD
        assert (await publish(http, body)).status_code == 200
        assert len(await read_data(websocket)) == MAX_PAYLOAD - 2


async def test_a_payload_over_512_kib_is_answered_413_and_nothing_of_it_is_delivered(
    server: DevServer,
):
    async with listen(server) as websocket, http_client(server) as http:
        answer = await publish(http, b"x" * (MAX_PAYLOAD + 1))
        assert answer.status_code == 413
        assert answer.json() == {
            "error": f"Message is over {MAX_PAYLOAD} bytes",
            "data": None,
            "status": 413,
        }
        await publish(http, b"1")
        assert await read_data(websocket) == 1


async def test_a_payload_that_lies_about_its_length_is_answered_413_too(server: DevServer):
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MAX_PAYLOAD // 65536 + 1):
            yield b"x" * 65536

    async with http_client(server) as http:
        assert (await publish(http, chunks())).status_code == 413


async def test_a_payload_without_an_end_is_not_read_to_it(server: DevServer):
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield bytes(1024 * 1024)

    async with http_client(server) as http:
        # Or it is hung up on while it is still sending.
        with suppress(httpx2.TransportError):
            assert (await publish(http, chunks())).status_code == 413


async def test_json_nested_too_deeply_is_answered_400(server: DevServer):
    async with http_client(server) as http:
        answer = await publish(http, b"[" * 100_000 + b"]" * 100_000)
        assert answer.status_code == 400


async def test_messages_of_one_publisher_arrive_in_the_order_they_were_sent(server: DevServer):
    async with listen(server) as websocket, http_client(server) as http:
        for number in range(50):
            await publish(http, str(number).encode())
        assert [await read_data(websocket) for _ in range(50)] == [*range(50)]


async def test_what_was_published_can_be_looked_at(server: DevServer):
    async with http_client(server) as http:
        await publish(http, b'{"a":1}', run_id=RUN_ID)
    [published] = server.inngest.published
    assert (published.channel, published.topic, published.data, published.run_id) == (
        *(CHANNEL, TOPIC, {"a": 1}, RUN_ID),
    )


# ── who may publish ───────────────────────────────────────────────────────────────────────────


async def test_a_subscription_jwt_must_be_refused_on_publish(server: DevServer):
    """Case 58."""
    token = server.inngest.subscription_token(CHANNEL, [TOPIC])
    in_query = {**WHERE, "token": token.key.get_secret_value()}
    async with http_client(server) as http:
        for answer in (
            await http.post(PUBLISH_PATH, params=WHERE, headers=bearer(token)),
            await http.post(PUBLISH_PATH, params=in_query),
        ):
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert answer.json() == {
                "error": "Not authenticated for publishing",
                "data": None,
                "status": 401,
            }
    assert server.inngest.published == ()


async def test_on_a_dev_server_anything_else_may_publish(server: DevServer):
    async with http_client(server) as http:
        for headers in ({}, {"authorization": "Bearer"}, bearer("anything")):
            assert (await http.post(PUBLISH_PATH, params=WHERE, headers=headers)).is_success


async def test_with_a_signing_key_only_its_holders_and_those_of_a_publish_token_publish():
    key = "signkey-test-abab"
    async with DevServer(signing_key=key) as server, http_client(server) as http:
        token = server.inngest.publish_token()
        in_query = {**WHERE, "token": token.get_secret_value()}
        assert (await http.post(PUBLISH_PATH, params=WHERE, headers=bearer(key))).is_success
        assert (await http.post(PUBLISH_PATH, params=WHERE, headers=bearer(token))).is_success
        assert (await http.post(PUBLISH_PATH, params=in_query)).is_success
        answer = await http.post(PUBLISH_PATH, params=WHERE, headers=bearer("anything"))
        assert (answer.status_code, answer.text) == (401, "Authentication failed\n")


# ── text streams ──────────────────────────────────────────────────────────────────────────────


async def test_a_text_stream_is_delivered_piece_by_piece_as_it_comes(server: DevServer):
    heard = asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"Hello", b" wor", b"ld\n"):
            heard.clear()
            yield piece
            await heard.wait()  # the next is not sent before this one was delivered

    async with listen(server) as websocket, http_client(server) as http:
        request = http.post(
            PUBLISH_PATH, params={**WHERE, "run_id": RUN_ID}, content=pieces(), headers=STREAM
        )
        publishing = asyncio.create_task(request)
        start = await read(websocket)
        said = []
        for _ in range(3):
            said.append(await read(websocket))
            heard.set()
        end = await read(websocket)
        assert (await publishing).status_code == 200
    stream_id = start["data"]
    assert start == {**end, "kind": "datastream-start"}
    assert end["kind"] == "datastream-end"
    assert (start["channel"], start["topic"], start["run_id"]) == (CHANNEL, TOPIC, RUN_ID)
    assert said == [
        {"kind": "chunk", "stream_id": stream_id, "data": data, "run_id": RUN_ID}
        for data in ("Hello", " wor", "ld\n")
    ]


async def stream(server: DevServer, *pieces: bytes) -> tuple[int, list[str]]:
    """Publish a text stream; return the answer's status, and the data of each chunk."""

    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async with listen(server, max_queue=None) as websocket, http_client(server) as http:
        answer = await http.post(PUBLISH_PATH, params=WHERE, content=chunks(), headers=STREAM)
        said = []
        while (frame := await read(websocket))["kind"] != "datastream-end":
            said.append(frame)
        return answer.status_code, [frame["data"] for frame in said[1:]]


async def test_utf_8_is_never_cut_inside_a_character(server: DevServer):
    text = "a" * (MAX_CHUNK - 1) + "é" + "\U0001f600" * 600
    status, chunks = await stream(server, text.encode())
    assert (status, "".join(chunks)) == (200, text)
    assert max(len(chunk.encode()) for chunk in chunks) <= MAX_CHUNK


async def test_a_character_that_comes_in_two_pieces_is_put_together(server: DevServer):
    data = "\U0001f600".encode()
    status, chunks = await stream(server, data[:1], data[1:3], data[3:] + b"!")
    assert (status, "".join(chunks)) == (200, "\U0001f600!")


async def test_a_character_that_is_never_completed_becomes_a_replacement(server: DevServer):
    assert await stream(server, b"x\xf0\x9f") == (200, ["x", "�"])


async def test_an_empty_stream_begins_and_ends(server: DevServer):
    assert await stream(server) == (200, [])


async def test_a_stream_of_1024000_bytes_is_delivered_whole(server: DevServer):
    status, chunks = await stream(server, b"z" * MAX_CHUNK * MAX_CHUNKS)
    assert (status, sum(map(len, chunks))) == (200, MAX_CHUNK * MAX_CHUNKS)


async def test_a_stream_of_one_byte_more_is_answered_413_after_what_fits(server: DevServer):
    status, chunks = await stream(server, b"z" * (MAX_CHUNK * MAX_CHUNKS + 1))
    assert (status, sum(map(len, chunks))) == (413, MAX_CHUNK * MAX_CHUNKS)


async def test_a_stream_of_more_than_1000_writes_is_answered_413(server: DevServer):
    heard, chunks, is_over = asyncio.Event(), 0, False

    async def drips() -> AsyncIterator[bytes]:
        while not is_over:
            heard.clear()
            yield b"z"
            await heard.wait()  # or else the network puts them together

    async with listen(server) as websocket, http_client(server) as http:
        request = http.post(PUBLISH_PATH, params=WHERE, content=drips(), headers=STREAM)
        publishing = asyncio.create_task(request)
        while not is_over:
            kind = (await read(websocket))["kind"]
            chunks, is_over = chunks + (kind == "chunk"), kind == "datastream-end"
            heard.set()
        assert (await publishing).status_code == 413
    assert 1000 <= chunks <= 1002


async def test_a_stream_whose_publisher_goes_away_ends(server: DevServer):
    async def endless() -> AsyncIterator[bytes]:
        yield b"some"
        await asyncio.Event().wait()

    async with listen(server) as websocket, http_client(server) as http:
        request = http.post(PUBLISH_PATH, params=WHERE, content=endless(), headers=STREAM)
        publishing = asyncio.create_task(request)
        assert (await read(websocket))["kind"] == "datastream-start"
        assert (await read(websocket))["data"] == "some"
        publishing.cancel()
        assert (await read(websocket))["kind"] == "datastream-end"


async def test_text_stream_with_a_charset_is_a_plain_message_as_on_the_real_server(
    server: DevServer,
):
    async with listen(server) as websocket, http_client(server) as http:
        headers = {"content-type": "text/stream; charset=utf-8"}
        await http.post(PUBLISH_PATH, params=WHERE, content=b"streamish", headers=headers)
        frame = await read(websocket)
        assert (frame["kind"], frame["data"]) == ("data", "streamish")


async def test_given_plain_streams_must_send_data_frames_instead_of_datastream_frames():
    """Case 65."""
    async with (
        DevServer(plain_streams=True) as server,
        listen(server) as websocket,
        http_client(server) as http,
    ):
        await http.post(PUBLISH_PATH, params=WHERE, content=b"1", headers=STREAM)
        await server.inngest.start_run().stream(TOPIC, ["two", "three"], channel=CHANNEL)
        said = [await read(websocket) for _ in range(4)]
        assert [each["data"] for each in said if each["kind"] == "data"] == ["1", "two", "three"]
        assert {each["kind"] for each in said} == {"data", "run"}
