"""Publishing against a real server on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import pytest
import reactivex as rx
from pydantic import BaseModel

import rx_realtime as rxr
from rx_realtime.models import Chunk, Raw, StreamClosed, StreamOpened, Update
from rx_realtime.server import DevServer
from rx_realtime.sources.inngest.publishing import MAX_TEE
from rx_realtime.wire.inngest.api import MAX_CHUNK, MAX_CHUNKS, MAX_PAYLOAD

HERE = ("pipeline:1", "status")


class Status(BaseModel):
    message: str
    percent: int = 0


class Pipeline(rxr.Channel, name="pipeline:{run_id}"):
    run_id: str
    status = rxr.Topic(Status)


class Listener:
    """Everything that a subscriber of some topics is told."""

    def __init__(self, server: DevServer, *topics: str, channel: str = "pipeline:1") -> None:
        self.updates: list[Update] = []
        self._news = asyncio.Event()
        self._server = server
        self._feed = rxr.inngest.subscribe(channel, topics, api_base_url=server.url)

    async def __aenter__(self) -> Self:
        self._subscription = self._feed.subscribe(self._hear)
        await self._server.inngest.until_connections(1)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._subscription.dispose()
        await self._server.inngest.until_connections(0)

    def _hear(self, update: Update) -> None:
        self.updates.append(update)
        self._news.set()

    async def until(self, kind: type[Any], count: int) -> list[Any]:
        while len(found := [update for update in self.updates if isinstance(update, kind)]) < count:
            self._news.clear()
            await self._news.wait()
        return found


async def received(server: DevServer, *data: Any) -> list[Any]:
    """What a subscriber gets of what is published."""
    async with Listener(server, "status") as listener:
        for each in data:
            await rxr.inngest.publish(HERE, each, api_base_url=server.url)
        messages = await listener.until(rxr.updates.Received, len(data))
    return [update.message.data for update in messages]


async def test_what_is_published_arrives_with_its_type(server: DevServer) -> None:
    """Case 55: text that looks like JSON stays text."""
    data = ["123", "true", "null", '{"a":1}', "", "é😀", 123, True, None, {"a": [1, None]}, [], 1.5]
    assert await received(server, *data) == data


async def test_a_typed_payload_arrives_as_its_topics_type(server: DevServer) -> None:
    pipeline = Pipeline(run_id="1")
    rt = rxr.inngest.realtime(pipeline, api_base_url=server.url)
    messages = rt.on(Pipeline.status).iterate()
    reading = asyncio.create_task(anext(messages))
    await server.inngest.until_connections(1)
    await rxr.inngest.publish(
        pipeline.status, Status(message="x"), api_base_url=server.url, metadata={"by": "test"}
    )
    message = await reading
    await messages.aclose()
    assert message.data == Status(message="x")
    assert message.metadata == {"by": "test"}


@pytest.mark.parametrize("nonsense", [{"percent": 1}, "text", None, {"message": []}])
async def test_a_payload_that_does_not_fit_its_topic_is_refused_and_nothing_is_sent(
    server: DevServer, nonsense: Any
) -> None:
    with pytest.raises(rxr.PayloadError, match="status"):
        await rxr.inngest.publish(Pipeline(run_id="1").status, nonsense, api_base_url=server.url)
    assert server.inngest.published == ()


async def test_a_payload_over_512_kib_is_refused_before_it_is_sent(server: DevServer) -> None:
    """Case 54."""
    with pytest.raises(rxr.PayloadError, match=str(MAX_PAYLOAD)):
        await rxr.inngest.publish(HERE, "x" * MAX_PAYLOAD, api_base_url=server.url)
    assert server.inngest.published == ()
    assert await received(server, "x" * (MAX_PAYLOAD - 2)) == ["x" * (MAX_PAYLOAD - 2)]


@pytest.mark.parametrize("nonsense", [object(), {1, 2}, float("nan"), b"bytes"])
async def test_a_payload_that_is_no_json_is_refused(server: DevServer, nonsense: Any) -> None:
    with pytest.raises(rxr.PayloadError):
        await rxr.inngest.publish(HERE, nonsense, api_base_url=server.url)


def forms(text: list[str]) -> dict[str, Any]:
    async def async_pieces() -> AsyncIterator[str]:
        for piece in text:
            yield piece

    def pieces() -> Iterator[str]:
        yield from text

    return {
        "whole": "".join(text),
        "list": text,
        "generator": pieces(),
        "async generator": async_pieces(),
        "observable": rx.from_iterable(text),
    }


@pytest.mark.parametrize("form", forms([]))
async def test_a_text_stream_begins_arrives_whole_and_ends(server: DevServer, form: str) -> None:
    text = ["Hé", "llo ", "wörld 😀", "."]
    async with Listener(server, "status") as listener:
        await rxr.inngest.publish_text(
            HERE, forms(text)[form], api_base_url=server.url, metadata={"m": 1}
        )
        (closed,) = await listener.until(StreamClosed, 1)
    (opened,) = await listener.until(StreamOpened, 1)
    chunks = await listener.until(Chunk, 1)
    assert "".join(chunk.data for chunk in chunks) == "".join(text)
    assert opened.metadata == {"m": 1}
    assert {opened.stream_id, closed.stream_id, *(chunk.stream_id for chunk in chunks)} == {
        opened.stream_id
    }


async def test_no_chunk_of_a_text_stream_is_cut_inside_a_character(server: DevServer) -> None:
    """Case 56."""
    text = "aé€😀" * 1000
    async with Listener(server, "status") as listener:
        await rxr.inngest.publish_text(HERE, text, api_base_url=server.url)
        await listener.until(StreamClosed, 1)
        chunks = [chunk.data for chunk in await listener.until(Chunk, 1)]
    assert "".join(chunks) == text
    assert max(len(chunk.encode()) for chunk in chunks) <= MAX_CHUNK


async def test_a_text_that_fits_into_no_stream_is_refused(server: DevServer) -> None:
    """Case 56."""
    with pytest.raises(rxr.PayloadError):
        await rxr.inngest.publish_text(
            HERE, "x" * (MAX_CHUNK * MAX_CHUNKS + 1), api_base_url=server.url
        )
    assert server.inngest.published == ()


async def test_a_source_of_more_than_a_thousand_pieces_goes_on_as_another_stream(
    server: DevServer,
) -> None:
    """Case 56."""
    async with Listener(server, "status") as listener:
        pieces = (f"{i} " for i in range(MAX_CHUNKS + 1))
        await rxr.inngest.publish_text(HERE, pieces, api_base_url=server.url)
        await listener.until(StreamClosed, 2)
        chunks = await listener.until(Chunk, 2)
    assert "".join(chunk.data for chunk in chunks) == "".join(
        f"{i} " for i in range(MAX_CHUNKS + 1)
    )


async def test_an_empty_text_stream_begins_and_ends(server: DevServer) -> None:
    async with Listener(server, "status") as listener:
        await rxr.inngest.publish_text(HERE, [], api_base_url=server.url)
        await listener.until(StreamClosed, 1)
    assert not [update for update in listener.updates if isinstance(update, Chunk)]


async def test_tee_forwards_bytes_as_they_are(server: DevServer) -> None:
    body = b'event: x\ndata: {"a":1}\n\n'
    async with Listener(server, "$stream", channel="run-1") as listener:
        await rxr.inngest.tee("run-1", [body], api_base_url=server.url)
        raw = await listener.until(Raw, 1)
    assert b"".join(each.data for each in raw) == body


async def test_tee_takes_no_more_than_the_server_forwards(server: DevServer) -> None:
    with pytest.raises(rxr.PayloadError, match=str(MAX_TEE)):
        await rxr.inngest.tee("run-1", b"x" * (MAX_TEE + 1), api_base_url=server.url)


async def test_publishing_is_cold_and_composes(server: DevServer) -> None:
    once = rxr.inngest.publish(HERE, 1, api_base_url=server.url)
    assert server.inngest.published == ()
    await once
    await once
    await rxr.Feed(rx.concat(once, once))
    assert len(server.inngest.published) == 4


def test_publishing_blocks_where_no_loop_runs() -> None:
    with DevServer() as server:
        assert rxr.inngest.publish(HERE, 1, api_base_url=server.url).run(timeout=10) is None
        assert len(server.inngest.published) == 1
