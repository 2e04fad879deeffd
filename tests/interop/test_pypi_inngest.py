"""The PyPI SDK of Inngest, unchanged, against our dev server: it publishes, mints tokens, sends."""

from __future__ import annotations

import asyncio

import inngest
import pytest
from inngest.experimental import realtime

from rx_realtime.server import ActedRun, DevServer, Event
from tests.interop import raw

pytestmark = pytest.mark.interop

CHANNEL = "pipeline:42"


async def test_what_it_publishes_reaches_a_subscriber(server: DevServer, pypi: inngest.Inngest):
    token = await raw.mint(server.url, CHANNEL, ["status"])
    async with raw.listen(server.url, token) as socket:
        await realtime.publish(pypi, CHANNEL, "status", {"message": "over asyncio"})
        await asyncio.to_thread(
            realtime.publish_sync, pypi, CHANNEL, "status", {"message": "from a thread"}
        )
        frames = [await raw.next_frame(socket) for _ in range(2)]
    assert [frame["data"]["message"] for frame in frames] == ["over asyncio", "from a thread"]
    assert {(frame["kind"], frame["channel"], frame["topic"]) for frame in frames} == {
        ("data", CHANNEL, "status")
    }


async def test_a_body_of_more_than_512_kib_is_refused_to_its_publisher(pypi: inngest.Inngest):
    with pytest.raises(Exception, match="413"):
        await realtime.publish(pypi, CHANNEL, "status", {"message": "x" * 512 * 1024})


async def test_its_tokens_open_a_subscription(server: DevServer, pypi: inngest.Inngest):
    topics = ["status", "tokens"]
    tokens = [
        await realtime.get_subscription_token(pypi, CHANNEL, topics),
        await asyncio.to_thread(realtime.get_subscription_token_sync, pypi, CHANNEL, topics),
    ]
    for token in tokens:
        # No address in it: a browser that gets this token has to be told where to connect.
        assert token.keys() == {"channel", "topics", "key"}
        async with raw.listen(server.url, str(token["key"])) as socket:
            await raw.publish(server.url, CHANNEL, "tokens", b'{"token": "once"}')
            frame = await raw.next_frame(socket)
        assert (frame["topic"], frame["data"]) == ("tokens", {"token": "once"})


async def test_an_event_that_it_sends_starts_a_function(server: DevServer, pypi: inngest.Inngest):
    heard = asyncio.Queue[tuple[str, object]]()

    @server.inngest.function("app/import.requested")
    async def import_file(run: ActedRun, event: Event) -> None:
        heard.put_nowait((event.id, event.data))

    [first] = await pypi.send(inngest.Event(name="app/import.requested", data={"file": "a.csv"}))
    [second] = await asyncio.to_thread(
        pypi.send_sync, inngest.Event(name="app/import.requested", data={"file": "b.csv"})
    )
    async with asyncio.timeout(10):
        assert await heard.get() == (first, {"file": "a.csv"})
        assert await heard.get() == (second, {"file": "b.csv"})
