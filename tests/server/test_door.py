from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from rx_realtime.server import DevServer
from rx_realtime.server.door import is_local_origin
from rx_realtime.wire.inngest.address import CONNECT_PATH, PUBLISH_PATH, TOKEN_PATH
from tests.server.clients import CHANNEL, WHERE, bearer, connect_url, http_client, listen


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST", "localhost:1"])
async def test_it_may_be_called_by_every_name_of_this_machine(server: DevServer, host: str):
    async with http_client(server) as http:
        answer = await http.post(TOKEN_PATH, json=[], headers={"host": host})
        assert answer.status_code == HTTPStatus.CREATED


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "localhost.example.com",
        "127.0.0.1.example.com",
        "192.0.2.1",
        "[",
        "localhost.",
    ],
)
async def test_another_name_is_answered_403_because_a_rebound_domain_is_one(
    server: DevServer, host: str
):
    async with http_client(server) as http:
        answer = await http.post(TOKEN_PATH, json=[], headers={"host": host})
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert answer.json()["status"] == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:5173"]
)
async def test_a_web_page_on_another_local_port_may_do_everything(server: DevServer, origin: str):
    async with http_client(server) as http:
        asked = await http.options(
            TOKEN_PATH,
            headers={
                "origin": origin,
                "access-control-request-method": "POST",
                "access-control-request-headers": "authorization,content-type,x-inngest-env",
            },
        )
        assert asked.status_code == HTTPStatus.OK
        assert asked.headers["access-control-allow-origin"] == origin
        assert "POST" in asked.headers["access-control-allow-methods"]
        assert "authorization" in asked.headers["access-control-allow-headers"]
        assert asked.headers["access-control-max-age"] == "3600"
        assert "access-control-allow-credentials" not in asked.headers
        answer = await http.post(TOKEN_PATH, json=[], headers={"origin": origin})
        assert answer.status_code == HTTPStatus.CREATED
        assert answer.headers["access-control-allow-origin"] == origin
    async with listen(server, headers={"origin": origin}):
        pass


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.com",
        "http://localhost.example.com",
        "null",
        "file://localhost",
        "http://",
        "http://[",
    ],
)
async def test_a_web_page_from_elsewhere_is_answered_403(server: DevServer, origin: str):
    async with http_client(server) as http:
        answer = await http.post(TOKEN_PATH, json=[], headers={"origin": origin})
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert "access-control-allow-origin" not in answer.headers
    with pytest.raises(InvalidStatus) as refused:
        async with listen(server, headers={"origin": origin}):
            pass
    assert refused.value.response.status_code == HTTPStatus.FORBIDDEN
    assert server.inngest.connections == 0


async def test_a_web_page_from_elsewhere_may_call_if_it_was_named():
    async with (
        DevServer(origins=["https://app.example"]) as server,
        http_client(server) as http,
        listen(server, headers={"origin": "https://app.example"}),
    ):
        headers = {"origin": "https://app.example"}
        answer = await http.post(TOKEN_PATH, json=[], headers=headers)
        assert answer.headers["access-control-allow-origin"] == "https://app.example"


def test_an_origin_is_local_by_its_host_and_nothing_else():
    assert is_local_origin("http://localhost")
    assert not is_local_origin("http://localhost@example.com")
    assert not is_local_origin("ws://localhost")


async def test_every_answer_says_that_a_dev_server_gave_it(server: DevServer):
    async with http_client(server) as http, listen(server) as websocket:
        for path in (TOKEN_PATH, "/nowhere", CONNECT_PATH):
            answer = await http.get(path)
            assert answer.headers["x-inngest-server-kind"] == "dev"
            assert answer.headers["vary"] == "Origin"
        assert websocket.response is not None
        assert websocket.response.headers["x-inngest-server-kind"] == "dev"


async def test_requests_are_remembered_with_where_their_token_was_and_never_the_token(
    server: DevServer,
):
    key = server.inngest.subscription_token(CHANNEL, ["status"]).key.get_secret_value()
    async with http_client(server) as http:
        await http.post(TOKEN_PATH, json=[], headers={"authorization": "Bearer"})
        await http.get(CONNECT_PATH, params={"token": key})
        await http.get(CONNECT_PATH, headers=bearer(key))
        await http.post("/e/the-event-key", json={"name": "started"})
    async with listen(server):
        pass
    async with connect(f"{connect_url(server)}?token={key}", proxy=None):
        pass
    assert [(each.method, each.path, each.token, each.status) for each in server.requests] == [
        ("POST", TOKEN_PATH, None, 201),
        ("GET", CONNECT_PATH, "query", 426),
        ("GET", CONNECT_PATH, "header", 426),
        ("POST", "/e", None, 200),
        ("WEBSOCKET", CONNECT_PATH, "header", 101),
        ("WEBSOCKET", CONNECT_PATH, "query", 101),
    ]
    assert key not in repr(server.requests)
    assert "event-key" not in repr(server.requests)


async def test_no_log_of_any_level_shows_a_token(
    server: DevServer, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    # The client's own log is not ours to keep clean here.
    logging.getLogger("websockets.client").setLevel(logging.ERROR)
    logging.getLogger("httpx2").setLevel(logging.ERROR)
    logging.getLogger("httpcore2").setLevel(logging.ERROR)
    key = server.inngest.subscription_token(CHANNEL, ["status"], lifetime=61).key
    canary = key.get_secret_value()
    async with http_client(server) as http:
        await http.get(CONNECT_PATH, params={"token": canary})
        await http.post(PUBLISH_PATH, params={**WHERE, "token": canary})
    for url in (connect_url(server), f"{connect_url(server)}?token={canary}"):
        async with connect(url, additional_headers=bearer(canary), proxy=None):
            pass
    said = [record.getMessage() for record in caplog.records]
    assert any(CONNECT_PATH in line for line in said), "the logs were not looked at"
    assert not [line for line in said if canary in line]


@pytest.mark.parametrize("query", ["a=%2F%20b&token=x&a=c", "token=x&a=%2F%20b&a=c&token=y"])
async def test_taking_the_token_out_of_a_url_leaves_the_rest_of_it(query: str):
    from rx_realtime.server.door import Door

    heard: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        heard.append((scope["query_string"], scope["headers"]))

    door = Door(app, hosts=None, origins=(), seen=DevServer().requests)
    scope = {"type": "http", "path": "/", "headers": [], "query_string": query.encode()}
    await door(scope, None, None)  # type: ignore[arg-type]
    assert heard == [(b"a=%2F%20b&a=c", [(b"authorization", b"Bearer x")])]
