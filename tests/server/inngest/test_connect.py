from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.frames import Close, Opcode

from rx_realtime.server import DevServer, Limits
from rx_realtime.wire.inngest.address import CONNECT_PATH
from rx_realtime.wire.inngest.claims import DEV_ENV
from rx_realtime.wire.inngest.envelope import TopicKey, encode_subscribe, encode_unsubscribe
from tests.server.clients import (
    CHANNEL,
    TOPIC,
    RawSocket,
    bearer,
    connect_url,
    http_client,
    listen,
    publish,
    read,
    read_data,
    until,
)


@pytest.mark.parametrize("way", ["header", "query", "a header with another scheme"])
async def test_given_a_bearer_jwt_or_a_token_parameter_both_must_work_for_connect(
    server: DevServer, way: str
):
    key = server.inngest.subscription_token(CHANNEL, [TOPIC]).key.get_secret_value()
    url, headers = connect_url(server), {}
    match way:
        case "header":
            headers = bearer(key)
        case "query":
            url += f"?token={key}"
        case _:  # the real server cuts seven characters off, whatever they are
            headers = {"authorization": f"abcdef {key}"}
    async with (
        connect(url, additional_headers=headers, proxy=None) as websocket,
        http_client(server) as http,
    ):
        await publish(http, b"1")
        assert await read_data(websocket) == 1


async def status_of_connect(server: DevServer, token: str | None, query: str = "") -> int:
    headers = {} if token is None else bearer(token)
    with pytest.raises(InvalidStatus) as refused:
        async with connect(connect_url(server) + query, additional_headers=headers, proxy=None):
            pass
    body = refused.value.response.body
    assert json.loads(body or b"") == {"error": "Not authenticated", "data": None, "status": 401}
    return refused.value.response.status_code


async def test_without_a_good_token_connect_is_answered_401(server: DevServer):
    good = server.inngest.subscription_token(CHANNEL, [TOPIC]).key.get_secret_value()
    late = server.inngest.subscription_token(CHANNEL, [TOPIC], lifetime=0).key.get_secret_value()
    for token in (None, "x", good[:-2], late, good.rpartition(".")[0] + "."):
        assert await status_of_connect(server, token) == 401
    async with DevServer() as other:
        assert await status_of_connect(other, good) == 401


async def test_a_header_that_is_no_token_hides_the_parameter(server: DevServer):
    good = server.inngest.subscription_token(CHANNEL, [TOPIC]).key.get_secret_value()
    assert await status_of_connect(server, "signkey-test-abab", f"?token={good}") == 401


async def test_the_signing_key_does_not_open_the_websocket():
    async with DevServer(signing_key="signkey-test-abab") as server:
        assert await status_of_connect(server, "signkey-test-abab") == 401


async def test_a_token_is_good_for_many_connections_at_once(server: DevServer):
    token = server.inngest.subscription_token(CHANNEL, [TOPIC])
    async with (
        connect(connect_url(server), additional_headers=bearer(token), proxy=None) as one,
        connect(connect_url(server), additional_headers=bearer(token), proxy=None) as two,
        http_client(server) as http,
    ):
        await publish(http, b"1")
        assert [await read_data(one), await read_data(two)] == [1, 1]


async def test_without_an_upgrade_the_websocket_is_answered_426(server: DevServer):
    token = server.inngest.subscription_token(CHANNEL, [TOPIC])
    async with http_client(server) as http:
        answer = await http.get(CONNECT_PATH, headers=bearer(token))
        assert answer.status_code == 426
        assert answer.headers["upgrade"] == "websocket"
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.text.startswith("WebSocket protocol violation: Connection header ")
        assert (await http.get(CONNECT_PATH)).status_code == 401


async def test_a_websocket_on_a_path_that_is_none_is_answered_404(server: DevServer):
    with pytest.raises(InvalidStatus) as refused:
        async with connect(connect_url(server) + "/nowhere", proxy=None):
            pass
    assert refused.value.response.status_code == 404


async def test_given_subscribe_must_complete_registration_before_sending_101(server: DevServer):
    """Case 62."""
    # The response to the handshake and what is published at once upon it, a hundred times over.
    async with http_client(server) as http:
        for number in range(100):
            async with listen(server) as websocket:
                await publish(http, str(number).encode())
                assert await read_data(websocket) == number


async def test_what_is_published_before_the_101_is_out_is_delivered_after_it(server: DevServer):
    token = server.inngest.subscription_token(CHANNEL, [TOPIC])
    run = server.inngest.start_run(channel="another")

    async def publish_as_soon_as_subscribed():
        await server.inngest.until_connections(1)
        await run.publish(TOPIC, "early", channel=CHANNEL)

    publishing = asyncio.create_task(publish_as_soon_as_subscribed())
    async with connect(
        connect_url(server), additional_headers=bearer(token), proxy=None
    ) as websocket:
        said = [await read_data(websocket), await read_data(websocket)]
        assert said == [{"status": "running"}, "early"]
    await publishing


async def test_only_what_the_token_names_is_delivered(server: DevServer):
    async with listen(server, "a", "b") as websocket, http_client(server) as http:
        await publish(http, b'"not mine"', topic="c")
        await publish(http, b'"not mine either"', topic="a", channel="another")
        await publish(http, b'"b"', topic="b")
        await publish(http, b'"a"', topic="a")
        assert [await read_data(websocket), await read_data(websocket)] == ["b", "a"]


async def test_a_topic_named_twice_is_delivered_once(server: DevServer):
    async with listen(server, TOPIC, TOPIC) as websocket, http_client(server) as http:
        await publish(http, b"1")
        await publish(http, b"2")
        assert [await read_data(websocket), await read_data(websocket)] == [1, 2]


async def test_sub_and_unsub_frames_are_applied(server: DevServer):
    """Case 63."""
    async with listen(server, "a") as websocket, http_client(server) as http:
        more = server.inngest.subscription_token("other", ["b"]).key.get_secret_value()
        hub = server.inngest.hub
        await websocket.send(encode_subscribe(more))
        await hub.until(lambda: len(hub.subscribers[0].topics) == 2)
        await publish(http, b'"b"', channel="other", topic="b")
        assert await read_data(websocket) == "b"
        await websocket.send(encode_unsubscribe([TopicKey("other", "b", env_id=DEV_ENV)]))
        await hub.until(lambda: len(hub.subscribers[0].topics) == 1)
        await publish(http, b'"b"', channel="other", topic="b")
        await publish(http, b'"a"', topic="a")
        assert await read_data(websocket) == "a"


async def test_a_command_that_would_add_too_many_topics_is_ignored():
    async with (
        DevServer(limits=Limits(max_topics=2)) as server,
        listen(server, "a") as websocket,
        http_client(server) as http,
    ):
        hub, [subscriber] = server.inngest.hub, server.inngest.hub.subscribers
        for topics in (["b", "c"], ["a", "b"]):
            more = server.inngest.subscription_token(CHANNEL, topics).key.get_secret_value()
            await websocket.send(encode_subscribe(more))
        await hub.until(lambda: len(subscriber.topics) == 2)
        for topic in ("c", "b", "a"):
            await publish(http, f'"{topic}"'.encode(), topic=topic)
        assert [await read_data(websocket), await read_data(websocket)] == ["b", "a"]


async def test_unsub_without_env_id_defaults_to_the_env_of_the_connection(server: DevServer):
    """Case 63."""
    async with listen(server, "a", "b") as websocket, http_client(server) as http:
        hub = server.inngest.hub
        await websocket.send(encode_unsubscribe([TopicKey(CHANNEL, "a")]))
        await hub.until(lambda: len(hub.subscribers[0].topics) == 1)
        await publish(http, b'"a"', topic="a")
        await publish(http, b'"b"', topic="b")
        assert await read_data(websocket) == "b"


async def test_commands_that_mean_nothing_are_ignored(server: DevServer):
    late = server.inngest.subscription_token("other", ["b"], lifetime=0).key.get_secret_value()
    nonsense: list[str | bytes] = [
        "",
        "no json",
        "[]",
        '{"kind":"future"}',
        '{"kind":"sub"}',
        '{"kind":"unsub","data":1}',
        encode_subscribe("no token"),
        encode_subscribe(late),
        encode_unsubscribe([TopicKey("never", "subscribed")]),
        b"\xff",
    ]
    async with listen(server) as websocket, http_client(server) as http:
        for each in nonsense:
            await websocket.send(each)
        hub, [subscriber] = server.inngest.hub, server.inngest.hub.subscribers
        more = server.inngest.subscription_token(CHANNEL, ["last"]).key.get_secret_value()
        await websocket.send(encode_subscribe(more))
        await hub.until(lambda: len(subscriber.topics) == 2)
        await publish(http, b"1")
        assert await read_data(websocket) == 1


async def test_an_open_connection_outlives_its_token(server: DevServer):
    token = server.inngest.subscription_token(CHANNEL, [TOPIC], lifetime=1)
    key, keys = token.key.get_secret_value(), server.inngest.keys
    run = server.inngest.start_run()
    async with connect(
        connect_url(server), additional_headers=bearer(token), proxy=None
    ) as websocket:

        async def say_and_hear() -> None:
            await run.publish(TOPIC, "x", channel=CHANNEL)
            assert await read_data(websocket) in ("x", {"status": "running"})

        await until(lambda: keys.read(key) is None, say_and_hear)
        await say_and_hear()


async def test_a_clients_close_is_echoed_and_forgotten(server: DevServer):
    async with listen(server) as websocket:
        await websocket.close(4001, "custom")
        assert websocket.close_code == 4001
        await server.inngest.until_connections(0)


async def test_a_client_that_vanishes_is_forgotten(server: DevServer):
    async with listen(server) as websocket:
        websocket.transport.abort()
        await server.inngest.until_connections(0)


async def test_one_connection_too_many_is_answered_503():
    async with DevServer(limits=Limits(max_connections=1)) as server, listen(server):
        with pytest.raises(InvalidStatus) as refused:
            async with listen(server):
                pass
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["retry-after"] == "1"


BIG = "x" * 100_000


async def test_given_a_slow_subscriber_must_not_delay_others_and_then_drop_it():
    """Case 60."""
    limits = Limits(max_queue_messages=8, close_timeout=20)
    async with DevServer(limits=limits) as server, RawSocket(server) as slow:
        run = server.inngest.start_run(channel="elsewhere")
        [subscriber] = server.inngest.hub.subscribers
        async with listen(server) as fast:

            async def say_and_hear() -> None:
                await run.publish(TOPIC, BIG, channel=CHANNEL)
                while (await read(fast))["kind"] != "data":
                    pass

            await until(lambda: subscriber not in server.inngest.hub.subscribers, say_and_hear)
            assert server.inngest.connections == 1
            # The slow one finds out once it reads again: all that was on its way, then why.
            close = Close.parse(bytes((await slow.frame(Opcode.CLOSE)).data))
            assert close.code == 1013
            assert close.reason.startswith("too slow: 9 messages, ")


async def test_a_slow_subscriber_is_dropped_for_bytes_as_well_as_for_messages():
    limits = Limits(max_queue_bytes=300_000, close_timeout=20)
    async with DevServer(limits=limits) as server, RawSocket(server) as slow:
        run = server.inngest.start_run(channel=CHANNEL)
        await until(lambda: server.inngest.connections == 0, lambda: run.publish(TOPIC, BIG))
        close = Close.parse(bytes((await slow.frame(Opcode.CLOSE)).data))
        assert (close.code, close.reason.split(",")[0]) == (1013, "too slow: 3 messages")


async def test_a_slow_subscriber_that_never_reads_again_is_hung_up_on():
    limits = Limits(max_queue_messages=8, close_timeout=0.01)
    async with DevServer(limits=limits) as server, RawSocket(server) as slow:
        run = server.inngest.start_run(channel=CHANNEL)
        await until(lambda: server.inngest.connections == 0, lambda: run.publish(TOPIC, BIG))
        await server.stop()  # waits until the connection is gone
        frames = await slow.until_end()
        assert Opcode.CLOSE not in [frame.opcode for frame in frames]


async def test_a_burst_in_one_breath_reaches_a_subscriber_that_reads(server: DevServer):
    async with listen(server, max_queue=None) as websocket:
        run = server.inngest.start_run(channel=CHANNEL)
        for number in range(5000):
            await run.publish(TOPIC, number)
        await read(websocket)
        assert [await read_data(websocket) for _ in range(5000)] == list(range(5000))


async def test_messages_arrive_before_the_close_that_follows_them(server: DevServer):
    async with listen(server) as websocket:
        run = server.inngest.start_run(channel=CHANNEL)
        for number in range(30):
            await run.publish(TOPIC, number)
        await server.inngest.drain(0)
        said = [json.loads(frame) async for frame in websocket]
        assert [each["data"] for each in said] == [{"status": "running"}, *range(30), ""]
        assert websocket.close_code == 1001
