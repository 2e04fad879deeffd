"""Which library carries a websocket: the faster one that is here, or the one that is asked for."""

from __future__ import annotations

import socket
from typing import Literal

import pytest

from rx_realtime.errors import ConnectFailed, OptionError
from rx_realtime.models import Opened
from rx_realtime.transports import Settings, dial, websocket
from rx_realtime.wire import Request
from tests.transports.kinds import WEBSOCKET
from tests.transports.peers import Call, Peer
from tests.watching import Watch


@pytest.mark.parametrize(
    ("asked", "carried"),
    [("auto", "picows"), ("picows", "picows"), ("websockets", "websockets")],
)
async def test_the_extra_is_picked_up_by_itself_unless_one_says_otherwise(
    asked: Literal["auto", "picows", "websockets"], carried: str
):
    async with Peer(WEBSOCKET.listening()) as peer:
        source = websocket(Request(peer.url("websocket")), Settings(websockets=asked))
        async with Watch(source) as watch:
            assert await watch.until_count(1) == [Opened()]
        [request] = peer.asked
        assert carried in request.headers["user-agent"]


async def test_what_goes_through_a_proxy_the_other_library_carries(
    monkeypatch: pytest.MonkeyPatch,
):
    async def refuse(call: Call) -> None:
        await call.say(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n")

    async with Peer(refuse) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        settings = Settings(websockets="picows", allow_insecure=True)
        async with Watch(websocket(Request("ws://example.invalid/"), settings)) as watch:
            assert isinstance(await watch.error(), ConnectFailed)
        [request] = proxy.asked
        assert request.target.startswith("example.invalid")
        assert "websockets" in request.headers["user-agent"]


@pytest.mark.parametrize("bypassed", ["*", "elsewhere.invalid", "other.invalid,elsewhere.invalid"])
@pytest.mark.parametrize("name", ["http_proxy", "NO_MATTER"])
async def test_a_proxy_that_is_not_for_this_host_changes_nothing(
    name: str, bypassed: str, monkeypatch: pytest.MonkeyPatch
):
    async with Peer(WEBSOCKET.listening()) as peer:
        monkeypatch.setenv("no_proxy", bypassed)
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        way = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", peer.port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [way])
        settings = Settings(websockets="picows", allow_insecure=True)
        url = peer.url("websocket", "elsewhere.invalid")
        async with Watch(websocket(Request(url), settings)) as watch:
            assert await watch.until_count(1) == [Opened()]
        [request] = peer.asked
        assert "picows" in request.headers["user-agent"]


async def test_without_the_extra_the_other_library_does_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dial, "has_fast", lambda: False)
    async with Peer(WEBSOCKET.listening()) as peer:
        async with Watch(websocket(Request(peer.url("websocket")))) as watch:
            assert await watch.until_count(1) == [Opened()]
        [request] = peer.asked
        assert "picows" not in request.headers["user-agent"]


async def test_who_asks_for_the_extra_without_it_is_told_its_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dial, "has_fast", lambda: False)
    source = websocket(Request("ws://127.0.0.1:9"), Settings(websockets="picows"))
    async with Watch(source) as watch:
        error = await watch.error()
        assert isinstance(error, OptionError)
        assert "rx-realtime[fast]" in str(error)
