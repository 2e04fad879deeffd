"""The npm SDK of Inngest, unchanged, against our dev server.

It listens, renders a run under React, mints tokens, publishes and sends.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import groupby

import inngest
import pytest
from inngest.experimental import realtime
from websockets.asyncio.client import ClientConnection

from rx_realtime.server import ActedRun, DevServer, Event
from tests.interop import raw
from tests.interop.conftest import Node
from tests.interop.node_client import Line, NodeClient, run_node

pytestmark = pytest.mark.interop

CHANNEL = "pipeline:42"
SUBSCRIBED = {"subscribed": True}


# --- subscribe ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["callback", "iterator"])
async def test_a_subscriber_gets_what_npm_and_pypi_and_plain_http_publish(
    server: DevServer, node: Node, pypi: inngest.Inngest, form: str
):
    wanted = {"runId": "42", "topics": ["status", "tokens"], "form": form}
    published = [{"runId": "42", "topic": "status", "data": {"message": "from npm"}}]
    async with node("subscribe", wanted) as subscriber:
        assert await subscriber.says() == SUBSCRIBED
        async with node("publish", published) as publisher:
            assert await publisher.says() == {"published": "status"}
        await realtime.publish(pypi, CHANNEL, "status", {"message": "from PyPI"})
        await raw.publish(server.url, CHANNEL, "tokens", b'{"token": "over HTTP"}')
        messages = [(await subscriber.says())["message"] for _ in range(3)]
        assert await subscriber.ends() == 0
    assert [(each["kind"], each["channel"], each["topic"], each["data"]) for each in messages] == [
        ("data", CHANNEL, "status", {"message": "from npm"}),
        ("data", CHANNEL, "status", {"message": "from PyPI"}),
        ("data", CHANNEL, "tokens", {"token": "over HTTP"}),
    ]


async def test_a_subscriber_reads_every_kind_of_json_that_we_send(server: DevServer, node: Node):
    values: list[object] = [{"a": [1, {"b": None}]}, [], "text", "", 42, -0.5, True, False, None]
    async with node("subscribe", {"runId": "42", "topics": ["text"]}) as subscriber:
        assert await subscriber.says() == SUBSCRIBED
        for value in values:
            await raw.publish(server.url, CHANNEL, "text", json.dumps(value).encode())
        messages = [(await subscriber.says())["message"] for _ in values]
    # The SDK turns null into undefined, which its JSON leaves out.
    assert [message.get("data") for message in messages] == values
    # A time that it could not read would have come out as null.
    assert all(message["createdAt"] for message in messages)


async def test_a_subscriber_sees_which_run_published(server: DevServer, node: Node):
    run = server.inngest.start_run(channel=CHANNEL)
    async with node("subscribe", {"runId": "42", "topics": ["status"]}) as subscriber:
        assert await subscriber.says() == SUBSCRIBED
        await run.publish("status", {"message": "hello"}, metadata={"of": "no interest to it"})
        message = (await subscriber.says())["message"]
    assert (message["runId"], message["data"]) == (run.id, {"message": "hello"})


async def test_a_subscriber_drops_what_its_schema_refuses_and_stays(server: DevServer, node: Node):
    async with node("subscribe", {"runId": "42", "topics": ["status"]}) as subscriber:
        assert await subscriber.says() == SUBSCRIBED
        await raw.publish(server.url, CHANNEL, "status", b'{"note": "no message in it"}')
        await raw.publish(server.url, CHANNEL, "status", b'{"message": "good"}')
        assert (await subscriber.says())["message"]["data"] == {"message": "good"}
        assert "failed schema validation" in subscriber.stderr()


async def test_a_subscriber_hears_that_the_server_stops(server: DevServer, node: Node):
    wanted = {"runId": "42", "topics": ["status"], "form": "iterator"}
    async with node("subscribe", wanted) as subscriber:
        assert await subscriber.says() == SUBSCRIBED
        await server.stop()
        assert await subscriber.says() == {"closed": True}
        assert await subscriber.ends() == 0


# --- text streams ---------------------------------------------------------------------------


async def test_the_compatibility_switch_turns_text_streams_into_messages_that_npm_can_read(
    npm: None,
):
    """Conformance case 65."""

    async def typed() -> AsyncIterator[bytes]:
        yield b"Hel"
        yield b"lo"

    async with (
        DevServer(plain_streams=True) as server,
        run_node("subscribe", {"runId": "42", "topics": ["text"]}, url=server.url) as subscriber,
    ):
        assert await subscriber.says() == SUBSCRIBED
        await raw.publish(server.url, CHANNEL, "text", typed(), content_type="text/stream")
        await raw.publish(server.url, CHANNEL, "text", b'"still alive"')
        messages = [(await subscriber.says())["message"] for _ in range(2)]
        while messages[-1]["data"] != "still alive":
            messages.append((await subscriber.says())["message"])
        assert await subscriber.ends() == 0
    assert {message["kind"] for message in messages} == {"data"}
    # The network may join the pieces.
    assert "".join(message["data"] for message in messages[:-1]) == "Hello"


async def test_without_the_switch_a_text_stream_kills_an_npm_subscriber(
    server: DevServer, node: Node
):
    """Why there is a switch: the SDK throws where it opens the stream, and nobody can catch it."""
    async with node("subscribe", {"runId": "42", "topics": ["text"]}) as subscriber:
        assert await subscriber.says() == SUBSCRIBED
        await raw.publish(server.url, CHANNEL, "text", b"Hello", content_type="text/stream")
        assert await subscriber.dies() == 1
        assert "ReferenceError" in subscriber.stderr()


# --- useRealtime ----------------------------------------------------------------------------


ENDS: dict[str, Callable[[ActedRun], Awaitable[None]]] = {
    "completed": lambda run: run.complete({"imported": 3}),
    "failed": lambda run: run.fail("no such file"),
    "cancelled": lambda run: run.cancel(),
}


@pytest.mark.parametrize("run_status", ENDS)
async def test_use_realtime_shows_a_run_to_its_end_and_closes(
    server: DevServer, node: Node, run_status: str
):
    run = server.inngest.start_run(channel=CHANNEL)
    async with node("use-realtime", {"runId": "42", "topics": ["status", "tokens"]}) as component:
        await component.says(is_open)
        await run.publish("status", {"message": "reading"})
        await component.says(lambda state: "status" in state["messages"]["byTopic"])
        await run.publish("tokens", {"token": "one"})
        # The SDK loses messages that the end of the run overtakes: wait until it shows them.
        await component.says(lambda state: "tokens" in state["messages"]["byTopic"])
        await ENDS[run_status](run)
        last = await component.says(lambda state: state["connectionStatus"] == "closed")
        await server.inngest.until_connections(0)
        assert await component.ends() == 0
    assert stays(component) == ["idle", "connecting", "open", "closed"]
    first = component.said[0]
    assert (first["runStatus"], first["isPaused"], first["pauseReason"]) == ("unknown", False, None)
    assert first["messages"] == {"byTopic": {}, "all": [], "last": None, "delta": []}
    assert [message["data"] for message in last["messages"]["all"]] == [
        {"message": "reading"},
        {"token": "one"},
    ]
    assert last["messages"]["last"]["data"] == {"token": "one"}
    assert last["messages"]["delta"] == [last["messages"]["last"]]
    assert last["messages"]["byTopic"].keys() == {"status", "tokens"}
    assert last["runStatus"] == run_status
    assert last.get("result") == ({"imported": 3} if run_status == "completed" else None)
    assert last["error"] is None


async def test_use_realtime_comes_back_after_the_server_dropped_it(server: DevServer, node: Node):
    wanted = {"runId": "42", "topics": ["status"], "reconnectMinMs": 10}
    async with node("use-realtime", wanted) as component:
        await component.says(is_open)
        await raw.publish(server.url, CHANNEL, "status", b'{"message": "before"}')
        await component.says(shows("before"))
        server.faults.drop()
        await component.says(lambda state: state["connectionStatus"] == "closed")
        await component.says(is_open)
        await raw.publish(server.url, CHANNEL, "status", b'{"message": "after"}')
        last = await component.says(shows("after"))
        assert await component.ends() == 0
    assert stays(component) == ["idle", "connecting", "open", "closed", "connecting", "open"]
    assert [each["data"]["message"] for each in last["messages"]["all"]] == ["before", "after"]
    # A connection that broke off is no error in the hook's eyes.
    assert {state["error"] for state in component.said} == {None}


async def test_use_realtime_comes_back_after_a_restart_of_the_server(server: DevServer, node: Node):
    wanted = {"runId": "42", "topics": ["status"], "reconnectMinMs": 10}
    async with node("use-realtime", wanted) as component:
        await component.says(is_open)
        await raw.publish(server.url, CHANNEL, "status", b'{"message": "before"}')
        await component.says(shows("before"))
        await server.stop()
        await component.says(lambda state: state["connectionStatus"] == "closed")
        await server.start()
        await component.says(is_open)
        await raw.publish(server.url, CHANNEL, "status", b'{"message": "after"}')
        last = await component.says(shows("after"))
        assert await component.ends() == 0
    assert [each["data"]["message"] for each in last["messages"]["all"]] == ["before", "after"]
    assert last["error"] is None


async def test_use_realtime_is_refused_with_a_bad_token_and_let_in_with_a_good_one(
    server: DevServer, node: Node, caplog: pytest.LogCaptureFixture
):
    bad, good = "no token of ours", await raw.mint(server.url, CHANNEL, ["status"])
    wanted = {"runId": "42", "topics": ["status"], "reconnectMinMs": 10}
    async with node(
        "use-realtime", wanted | {"token": {"key": bad, "apiBaseUrl": server.url}}
    ) as component:
        refused = await component.says(lambda state: state["connectionStatus"] == "error")
        component.hears(props={"token": {"key": good, "apiBaseUrl": server.url}})
        opened = await component.says(is_open)
        assert await component.ends() == 0
    assert refused["error"] is not None
    assert opened["error"] is None
    answers = [seen.status for seen in server.requests if seen.method == "WEBSOCKET"]
    assert (answers[0], answers[-1]) == (401, 101)
    # To refuse somebody is no trouble of the server's.
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_use_realtime_shows_why_it_got_no_token_and_asks_again(server: DevServer, node: Node):
    server.faults.refuse(503, path="/v1/realtime/token")
    wanted = {"runId": "42", "topics": ["status"], "reconnectMinMs": 10}
    async with node("use-realtime", wanted) as component:
        refused = await component.says(lambda state: state["connectionStatus"] == "error")
        opened = await component.says(is_open)
        assert await component.ends() == 0
    assert "503" in refused["error"]
    assert opened["error"] is None
    assert stays(component) == ["idle", "connecting", "error", "connecting", "open"]


async def test_use_realtime_pauses_and_resumes(server: DevServer, node: Node):
    async with node("use-realtime", {"runId": "42", "topics": ["status"]}) as component:
        await component.says(is_open)
        await raw.publish(server.url, CHANNEL, "status", b'{"message": "before"}')
        await component.says(shows("before"))
        component.hears(props={"enabled": False})
        paused = await component.says(lambda state: state["isPaused"])
        assert (paused["connectionStatus"], paused["pauseReason"]) == ("paused", "disabled")
        await server.inngest.until_connections(0)
        await raw.publish(server.url, CHANNEL, "status", b'{"message": "while paused"}')
        component.hears(props={"enabled": True})
        resumed = await component.says(is_open)
        assert (resumed["isPaused"], resumed["pauseReason"]) == (False, None)
        await raw.publish(server.url, CHANNEL, "status", b'{"message": "after"}')
        last = await component.says(shows("after"))
        assert await component.ends() == 0
    assert stays(component) == ["idle", "connecting", "open", "paused", "connecting", "open"]
    assert [each["data"]["message"] for each in last["messages"]["all"]] == ["before", "after"]


async def test_use_realtime_moves_to_another_run(server: DevServer, node: Node):
    async with node("use-realtime", {"runId": "42", "topics": ["status"]}) as component:
        await component.says(is_open)
        await raw.publish(server.url, CHANNEL, "status", b'{"message": "of run 42"}')
        await component.says(shows("of run 42"))
        component.hears(props={"runId": "43"})
        await component.says(lambda state: not state["messages"]["all"])
        await component.says(is_open)
        await raw.publish(server.url, CHANNEL, "status", b'{"message": "of run 42"}')
        await raw.publish(server.url, "pipeline:43", "status", b'{"message": "of run 43"}')
        last = await component.says(shows("of run 43"))
        assert await component.ends() == 0
    assert [each["channel"] for each in last["messages"]["all"]] == ["pipeline:43"]


def is_open(state: Line) -> bool:
    return bool(state["connectionStatus"] == "open")


def shows(text: str) -> Callable[[Line], bool]:
    """Whether the latest message says this."""

    def latest_says(state: Line) -> bool:
        latest = state["messages"]["last"]
        return latest is not None and latest["data"]["message"] == text

    return latest_says


def stays(component: NodeClient) -> list[str]:
    """The connection statuses that a component went through, each once per stay."""
    return [status for status, _ in groupby(each["connectionStatus"] for each in component.said)]


# --- tokens, publish, send ------------------------------------------------------------------


async def test_its_tokens_say_where_we_are_and_open_a_subscription(server: DevServer, node: Node):
    async with node("token", {"runId": "42", "topics": ["status"]}) as program:
        browser = (await program.says())["client"]
        backend = (await program.says())["backend"]
    assert browser.keys() == {"key", "apiBaseUrl"}
    assert (backend["channel"], backend["topics"]) == (CHANNEL, ["status"])
    for token in (browser, backend):
        url = token["apiBaseUrl"].rstrip("/")
        assert url == server.url
        async with raw.listen(url, token["key"]) as socket:
            await raw.publish(server.url, CHANNEL, "status", b'{"message": "heard"}')
            assert (await raw.next_frame(socket))["data"] == {"message": "heard"}


async def test_what_it_publishes_reaches_a_plain_websocket(server: DevServer, node: Node):
    published = [
        {"runId": "42", "topic": "status", "data": {"message": "hello"}},
        {"runId": "42", "topic": "status", "data": {"note": "its own schema refuses this"}},
        {"runId": "42", "topic": "text", "data": "just text"},
        {"runId": "42", "topic": "text", "stream": ["Hel", "lo ", "wörld"]},
    ]
    token = await raw.mint(server.url, CHANNEL, ["status", "text"])
    async with raw.listen(server.url, token) as socket:
        async with node("publish", published) as publisher:
            assert await publisher.says() == {"published": "status"}
            assert "Schema validation failed" in (await publisher.says())["refused"]
            assert await publisher.says() == {"published": "text"}
            assert await publisher.says() == {"published": "text"}
        status, text, start, *chunks = await frames_until(socket, "datastream-end")
    assert (status["kind"], status["topic"], status["data"]) == (
        "data",
        "status",
        {"message": "hello"},
    )
    assert (text["kind"], text["topic"], text["data"]) == ("data", "text", "just text")
    end = chunks.pop()
    assert (start["kind"], start["data"]) == ("datastream-start", end["data"])
    assert {(chunk["kind"], chunk["stream_id"]) for chunk in chunks} == {("chunk", start["data"])}
    # The network may join the pieces.
    assert "".join(chunk["data"] for chunk in chunks) == "Hello wörld"


async def test_a_publisher_is_told_that_its_message_is_too_large(node: Node):
    published = [{"runId": "42", "topic": "text", "data": "x", "times": 512 * 1024 + 1}]
    async with node("publish", published) as publisher:
        assert "413" in (await publisher.says())["refused"]


async def test_an_event_that_it_sends_starts_a_function(server: DevServer, node: Node):
    heard = asyncio.Queue[tuple[str, str, object]]()

    @server.inngest.function("app/import.requested")
    async def import_file(run: ActedRun, event: Event) -> None:
        heard.put_nowait((event.id, event.name, event.data))

    events = [{"name": "app/import.requested", "data": {"file": name}} for name in "ab"]
    async with node("send", events) as sender:
        ids = (await sender.says())["ids"]
    async with asyncio.timeout(10):
        assert [await heard.get() for _ in ids] == [
            (ids[0], "app/import.requested", {"file": "a"}),
            (ids[1], "app/import.requested", {"file": "b"}),
        ]


async def frames_until(socket: ClientConnection, kind: str) -> list[raw.Frame]:
    """Read frames up to the first of a kind, and that one."""
    frames = [await raw.next_frame(socket)]
    while frames[-1]["kind"] != kind:
        frames.append(await raw.next_frame(socket))
    return frames
