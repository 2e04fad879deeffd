from __future__ import annotations

import asyncio
import gc
import socket
import threading
from contextlib import suppress
from typing import Any

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode

from rx_realtime.errors import OptionError
from rx_realtime.server import DevServer, Limits
from rx_realtime.server.serving import Embedded
from rx_realtime.server.serving import listen as listen_on
from rx_realtime.wire.inngest.address import PUBLISH_PATH, TOKEN_PATH
from tests.server.clients import (
    CHANNEL,
    WHERE,
    RawSocket,
    http_client,
    listen,
    publish,
    read,
    read_data,
)

EVERYWHERE = "0.0.0.0"  # noqa: S104  it is refused, or guarded by a key


async def test_a_subscriber_sees_what_is_published_and_how_the_run_ends(server: DevServer):
    async with http_client(server) as http, listen(server) as websocket:
        await publish(http, b'{"step": 1}')
        run = server.inngest.start_run("demo", channel=CHANNEL)
        await run.publish("status", {"step": 2})
        await run.complete("done")
        frames = [await read(websocket) for _ in range(4)]
        assert [(frame["kind"], frame["data"]) for frame in frames] == [
            ("data", {"step": 1}),
            ("run", {"status": "running"}),
            ("data", {"step": 2}),
            ("run", {"status": "completed", "result": "done"}),
        ]
        shown = (await http.get(f"/v1/runs/{run.id}")).json()["data"]
        assert (shown["status"], shown["output"]) == ("Completed", "done")


async def test_it_listens_on_loopback_and_on_any_free_port(server: DevServer):
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert server.port > 0


async def test_two_servers_run_side_by_side(server: DevServer):
    async with DevServer() as other:
        assert other.port != server.port


async def test_a_port_that_is_taken_is_an_error_that_names_it(server: DevServer):
    with pytest.raises(OptionError, match=f"cannot listen on {server.url}"):
        await DevServer(port=server.port).start()


async def test_it_starts_again_where_it_was():
    server = DevServer()
    await server.start()
    url = server.url
    await server.stop()
    async with server, http_client(server) as http:
        assert server.url == url
        assert (await http.post(TOKEN_PATH, json=[])).status_code == 201


async def test_stopping_one_that_does_not_run_does_nothing():
    await DevServer().stop()


async def test_nothing_is_left_when_it_has_stopped():
    before = asyncio.all_tasks()
    async with DevServer() as server, http_client(server) as http:
        await http.post(TOKEN_PATH, json=[])
        async with listen(server) as websocket:
            await publish(http, b"1")
            await read(websocket)
            await server.stop()
            assert (await read(websocket))["kind"] == "closing"
            with pytest.raises(ConnectionClosed):
                await websocket.recv()
    assert asyncio.all_tasks() == before
    gc.collect()  # an open socket would warn here, and a warning is an error


async def test_it_stops_although_a_request_goes_on_forever():
    async def endless():
        yield b"some"
        await asyncio.Event().wait()

    limits = Limits(close_timeout=0.01)
    async with DevServer(limits=limits) as server, http_client(server) as http:
        async with listen(server) as websocket:
            headers = {"content-type": "text/stream"}
            request = http.post(PUBLISH_PATH, params=WHERE, content=endless(), headers=headers)
            publishing = asyncio.create_task(request)
            assert (await read(websocket))["kind"] == "datastream-start"
            await server.stop()
        publishing.cancel()


async def test_signals_stay_those_of_the_program():
    import signal

    before = signal.getsignal(signal.SIGINT)
    async with DevServer():
        assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("host", [EVERYWHERE, "192.0.2.1", "::", "example.com"])
@pytest.mark.parametrize(
    "options", [{}, {"allow_remote": True}, {"signing_key": "signkey-test-ab"}]
)
def test_an_address_that_others_reach_needs_permission_and_a_key(
    host: str, options: dict[str, Any]
):
    with pytest.raises(OptionError, match="can be reached by others"):
        DevServer(host=host, **options)


async def test_with_permission_and_a_key_it_listens_to_others():
    async with (
        DevServer(host=EVERYWHERE, allow_remote=True, signing_key="signkey-test-abab") as server,
        httpx2.AsyncClient(trust_env=False) as http,
    ):
        url = f"http://127.0.0.1:{server.port}{TOKEN_PATH}"
        refused = await http.post(url, json=[], headers={"host": "dev.example"})
        assert (refused.status_code, refused.text) == (401, "Authentication failed\n")


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
async def test_it_listens_on_the_other_loopback_too():
    try:
        server = await DevServer(host="::1").__aenter__()
    except OptionError:
        pytest.skip("no IPv6 here")
    async with http_client(server) as http:
        assert server.url == f"http://[::1]:{server.port}"
        assert (await http.post(TOKEN_PATH, json=[])).status_code == 201
    await server.stop()


async def test_given_graceful_stop_must_send_closing_keep_delivering_then_close_1001():
    """Case 64."""
    async with DevServer() as server, http_client(server) as http:
        async with listen(server) as websocket:
            stopping = asyncio.create_task(server.stop(grace=20))
            assert (await read(websocket))["kind"] == "closing"
            await publish(http, b'"still here"')
            assert await read_data(websocket) == "still here"
            refused = await http.get("/v1/realtime/connect", headers=_token(server))
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        await stopping  # as soon as the last one left, long before the grace is over


async def test_who_stays_until_the_grace_is_over_is_closed_with_1001():
    async with DevServer(grace=0.01) as server, listen(server) as websocket:
        await server.inngest.start_run(channel=CHANNEL).publish("status", "before")
        await server.stop()
        said = [(await read(websocket))["kind"] for _ in range(3)]
        assert said == ["run", "data", "closing"]
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "the server is closing")


async def test_one_who_does_not_read_does_not_hold_up_the_stop():
    limits = Limits(close_timeout=0.01)
    async with DevServer(limits=limits) as server, listen(server) as websocket:
        server.faults.stall()
        await server.stop()
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
        assert closed.value.rcvd is None


async def test_one_who_has_stopped_reading_does_not_hold_up_the_stop():
    limits = Limits(close_timeout=0.01)
    async with DevServer(limits=limits) as server, RawSocket(server) as slow:
        run = server.inngest.start_run(channel=CHANNEL)
        for _ in range(100):
            await run.publish("status", "x" * 100_000)
        assert server.inngest.connections == 1
        await server.stop()
        assert Opcode.CLOSE not in [frame.opcode for frame in await slow.until_end()]


async def test_it_can_be_mounted_in_another_application():
    dev = DevServer()
    app = Starlette(routes=[Mount("/inngest", dev.app)])
    listener = listen_on("127.0.0.1", 0)
    port = listener.getsockname()[1]
    host = Embedded(app)
    serving = asyncio.create_task(host.serve(sockets=[listener]))
    dev.faults.refuse(418, path=TOKEN_PATH)
    async with httpx2.AsyncClient(trust_env=False) as http:
        url = f"http://127.0.0.1:{port}/inngest"
        assert (await http.post(url + TOKEN_PATH, json=[])).status_code == 418
        assert (await http.post(url + TOKEN_PATH, json=[])).status_code == 201
    assert [(seen.path, seen.status) for seen in dev.requests] == [
        (TOKEN_PATH, 418),
        (TOKEN_PATH, 201),
    ]
    host.stop()
    await serving


async def test_another_programs_server_can_serve_it_whatever_its_websockets():
    dev = DevServer()
    listener = listen_on("127.0.0.1", 0)
    dev._address = "127.0.0.1", listener.getsockname()[1]
    host = uvicorn.Server(uvicorn.Config(dev.app, ws="websockets-sansio", log_config=None))
    serving = asyncio.create_task(host.serve(sockets=[listener]))
    async with http_client(dev) as http, listen(dev) as websocket, listen(dev) as other:
        await publish(http, b'"hello"')
        assert await read_data(websocket) == "hello"
        dev.inngest.send_raw(CHANNEL, b"\xff")
        assert await websocket.recv() == "�"
        await other.close()
        await dev.inngest.until_connections(1)
        dev.faults.drop(4000, "bye")
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4000
    for fault in (dev.faults.drop_next, dev.faults.stall_next):
        fault()
        async with listen(dev) as websocket:
            dev.faults.drop()
            with pytest.raises(ConnectionClosed) as closed:
                await websocket.recv()
            assert closed.value.rcvd is None
    host.should_exit = True
    await serving


def test_without_an_event_loop_it_runs_in_a_thread():
    before = set(threading.enumerate())
    with DevServer() as server, httpx2.Client(base_url=server.url, trust_env=False) as http:
        run = server.call(server.inngest.start_run, "demo", channel=CHANNEL)
        server.call(run.publish, "status", {"step": 1})
        server.call(run.complete, 42)
        assert http.get(f"/v1/runs/{run.id}").json()["data"]["output"] == 42
        [published] = server.inngest.published
        assert (published.topic, published.data) == ("status", {"step": 1})
    assert set(threading.enumerate()) <= before


def _token(server: DevServer) -> dict[str, str]:
    token = server.inngest.subscription_token(CHANNEL, ["status"])
    return {"authorization": f"Bearer {token.key.get_secret_value()}"}


@pytest.mark.parametrize("turns", range(12))
async def test_who_connects_while_it_stops_is_hung_up_on(turns: int):
    async with DevServer() as server:
        async with http_client(server) as http:  # so that it has begun
            await http.get("/")
        stopping = asyncio.create_task(server.stop())
        for _ in range(turns):
            await asyncio.sleep(0)
        with (
            suppress(ConnectionError),
            socket.create_connection(("127.0.0.1", server.port)) as late,
        ):
            await stopping
            late.settimeout(1)
            assert late.recv(1) == b""
        await stopping
