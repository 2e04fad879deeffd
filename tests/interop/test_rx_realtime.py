"""Our own client among the SDKs of Inngest: what one says the others hear, in every direction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import inngest
import pytest
from inngest.experimental import realtime
from pydantic import BaseModel
from reactivex import Observable
from reactivex import operators as ops

import rx_realtime as rxr
from rx_realtime.server import ActedRun, DevServer
from tests.interop.conftest import Node
from tests.interop.node_client import run_node

# Everybody here finds the server as users do, by INNGEST_DEV.
pytestmark = [pytest.mark.interop, pytest.mark.usefixtures("at_home", "library")]

T = TypeVar("T")


class Status(BaseModel):
    message: str


class Token(BaseModel):
    token: str


class Pipeline(rxr.Channel, name="pipeline:{run_id}"):
    """The channel that `clients/pipeline.js` declares."""

    run_id: str
    status = rxr.Topic(Status)
    tokens = rxr.Topic(Token)
    text = rxr.Topic(str)


PIPELINE = Pipeline(run_id="42")
SUBSCRIBED = {"subscribed": True}


def listen(*topics: rxr.Topic[Any], token: rxr.Token | None = None) -> rxr.Realtime[Any]:
    return rxr.inngest.realtime(PIPELINE, topics, token=token)


async def first(source: Observable[T], wanted: Callable[[T], bool] = lambda _: True) -> T:
    """Wait for the first value that is wanted."""
    async with asyncio.timeout(10):
        return await rxr.Feed(source.pipe(ops.first(wanted)))


async def connected(rt: rxr.Realtime[Any]) -> None:
    await first(rt.connection_status, lambda status: status == "open")


# --- we listen ------------------------------------------------------------------------------


async def test_we_receive_what_npm_and_pypi_publish_as_our_own_types(
    node: Node, pypi: inngest.Inngest
):
    published = [{"runId": "42", "topic": "status", "data": {"message": "from npm"}}]
    async with listen(Pipeline.status) as rt:
        await connected(rt)
        async with node("publish", published) as publisher:
            assert await publisher.says() == {"published": "status"}
        await realtime.publish(pypi, PIPELINE.name, "status", {"message": "from PyPI"})
        messages = await first(rt.messages, lambda messages: len(messages.all) == 2)
    assert [message.data for message in messages.all] == [
        Status(message="from npm"),
        Status(message="from PyPI"),
    ]


async def test_we_receive_a_text_stream_that_npm_publishes(server: DevServer, node: Node):
    published = [{"runId": "42", "topic": "text", "stream": ["Hel", "lo ", "wörld"]}]

    def whole(stream: rxr.Datastream) -> Observable[str]:
        return stream.chunks.pipe(ops.reduce(lambda text, more: text + more))

    streams = listen(Pipeline.text).streams(Pipeline.text)
    text = asyncio.create_task(first(streams.pipe(ops.flat_map(whole))))
    await server.inngest.until_connections(1)
    async with node("publish", published) as publisher:
        assert await publisher.says() == {"published": "text"}
    assert await text == "Hello wörld"


async def test_we_listen_with_the_tokens_that_npm_mints(
    server: DevServer, node: Node, monkeypatch: pytest.MonkeyPatch
):
    async with node("token", {"runId": "42", "topics": ["status"]}) as program:
        browser = (await program.says())["client"]
        backend = (await program.says())["backend"]
    # Where to connect is all in the token, as it is for a browser.
    monkeypatch.delenv("INNGEST_DEV")
    run = server.inngest.start_run(channel=PIPELINE)
    for token in (browser, backend):
        async with listen(Pipeline.status, token=token) as rt:
            await connected(rt)
            await run.publish(PIPELINE.status, Status(message="heard"))
            messages = await first(rt.messages, lambda messages: len(messages.all) == 1)
        assert messages.by_topic[Pipeline.status].data == Status(message="heard")


async def test_we_listen_with_a_token_that_pypi_minted(server: DevServer, pypi: inngest.Inngest):
    async def mint() -> dict[str, object]:
        return dict(await realtime.get_subscription_token(pypi, PIPELINE.name, ["status"]))

    rt: rxr.Realtime[Any] = rxr.inngest.realtime(token=mint)
    async with rt:
        await connected(rt)
        await realtime.publish(pypi, PIPELINE.name, "status", {"message": "heard"})
        messages = await first(rt.messages, lambda messages: len(messages.all) == 1)
    assert messages.last is not None
    assert messages.last.data == {"message": "heard"}


# --- we publish and mint --------------------------------------------------------------------


async def test_npm_receives_what_we_publish(node: Node):
    wanted = {"runId": "42", "topics": ["status", "text"]}
    async with node("subscribe", wanted) as subscriber:
        assert await subscriber.says() == SUBSCRIBED
        await rxr.inngest.publish(PIPELINE.status, Status(message="typed"))
        # A text that looks like JSON stays a text, which the SDK's own publisher does not manage.
        await rxr.inngest.publish(PIPELINE.text, "123")
        messages = [(await subscriber.says())["message"] for _ in range(2)]
    assert [(message["topic"], message["data"]) for message in messages] == [
        ("status", {"message": "typed"}),
        ("text", "123"),
    ]


async def test_npm_receives_our_text_stream_where_the_compatibility_switch_is_on(
    npm: None, monkeypatch: pytest.MonkeyPatch
):
    async with DevServer(plain_streams=True) as server:
        monkeypatch.setenv("INNGEST_DEV", server.url)
        wanted = {"runId": "42", "topics": ["text"]}
        async with run_node("subscribe", wanted, url=server.url) as subscriber:
            assert await subscriber.says() == SUBSCRIBED
            await rxr.inngest.publish_text(PIPELINE.text, ["Hel", "lo ", "wörld"])
            text = ""
            while text != "Hello wörld":
                text += (await subscriber.says())["message"]["data"]


async def test_npm_listens_with_a_token_that_we_minted(node: Node):
    token = await rxr.inngest.client_subscription_token(PIPELINE, [Pipeline.status])
    wanted = {"runId": "42", "topics": ["status"], "token": token}
    async with node("use-realtime", wanted) as component:
        await component.says(lambda state: state["connectionStatus"] == "open")
        await rxr.inngest.publish(PIPELINE.status, Status(message="heard"))
        state = await component.says(lambda state: state["messages"]["last"] is not None)
    assert state["messages"]["last"]["data"] == {"message": "heard"}


# --- the hook and we, side by side ----------------------------------------------------------


ENDS: dict[str, Callable[[ActedRun], Awaitable[None]]] = {
    "completed": lambda run: run.complete({"imported": 3}),
    "failed": lambda run: run.fail("no such file"),
    "cancelled": lambda run: run.cancel(),
}


@pytest.mark.parametrize("end", ENDS)
async def test_the_hook_and_we_tell_the_same_of_a_run(server: DevServer, node: Node, end: str):
    run = server.inngest.start_run(channel=PIPELINE)
    wanted = {"runId": "42", "topics": ["status", "tokens"]}
    rt = listen(Pipeline.status, Pipeline.tokens)
    async with node("use-realtime", wanted) as component, rt:
        await connected(rt)
        await component.says(lambda state: state["connectionStatus"] == "open")
        await run.publish(PIPELINE.status, Status(message="reading"))
        await run.publish(PIPELINE.tokens, Token(token="one"))
        # The hook loses messages that the end of the run overtakes: wait until it shows them.
        await component.says(lambda state: len(state["messages"]["all"]) == 2)
        await ENDS[end](run)
        theirs = await component.says(lambda state: state["connectionStatus"] == "closed")
        async with asyncio.timeout(10):
            ours = await rt.state
    assert theirs["runStatus"] == ours.run_status == end
    assert theirs["connectionStatus"] == ours.connection_status
    assert theirs.get("result") == ours.result
    assert (theirs["error"], theirs["pauseReason"]) == (ours.error, ours.pause_reason)
    assert [message["data"] for message in theirs["messages"]["all"]] == [
        message.data.model_dump() for message in ours.messages.all
    ]
    assert theirs["messages"]["byTopic"].keys() == set(ours.messages.by_topic)
