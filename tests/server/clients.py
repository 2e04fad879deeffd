"""Clients for these tests: each as plain as its protocol allows."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2
from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from rx_realtime.models import SubscriptionToken
from rx_realtime.server import DevServer
from rx_realtime.wire.inngest.address import CONNECT_PATH, PUBLISH_PATH, join, websocket_url

CHANNEL = "pipeline:1"
TOPIC = "status"
WHERE = {"channel": CHANNEL, "topic": TOPIC}


def bearer(token: SubscriptionToken | SecretStr | str) -> dict[str, str]:
    key = token.key if isinstance(token, SubscriptionToken) else token
    text = key if isinstance(key, str) else key.get_secret_value()
    return {"authorization": f"Bearer {text}"}


def http_client(server: DevServer) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=server.url, trust_env=False)


def connect_url(server: DevServer) -> str:
    return websocket_url(join(server.url, CONNECT_PATH))


@asynccontextmanager
async def listen(
    server: DevServer, *topics: str, channel: str = CHANNEL, **options: Any
) -> AsyncIterator[ClientConnection]:
    """Subscribe by websocket."""
    token = server.inngest.subscription_token(channel, topics or [TOPIC])
    headers = {**bearer(token), **options.pop("headers", {})}
    url = connect_url(server)
    async with connect(url, additional_headers=headers, proxy=None, **options) as websocket:
        yield websocket


async def read(websocket: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(await websocket.recv())
    return frame


async def read_data(websocket: ClientConnection) -> Any:
    return (await read(websocket))["data"]


async def publish(http: httpx2.AsyncClient, content: Any, **query: str) -> httpx2.Response:
    return await http.post(PUBLISH_PATH, params={**WHERE, **query}, content=content)


class RawSocket:
    """A websocket that does nothing by itself: it answers no ping and reads only when told."""

    def __init__(self, server: DevServer, *, topics: tuple[str, ...] = (TOPIC,)) -> None:
        self._token = server.inngest.subscription_token(CHANNEL, topics)
        self._url = connect_url(server)
        self._protocol = ClientProtocol(parse_uri(self._url))
        self._frames: list[Frame] = []
        self.is_at_end = False

    async def __aenter__(self) -> Self:
        # A small window, so that a peer who is not read from finds out soon.
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.setblocking(False)
        address = urlsplit(self._url)
        await asyncio.get_running_loop().sock_connect(plain, (address.hostname, address.port))
        self._reader, self._writer = await asyncio.open_connection(sock=plain, limit=1024)
        request = self._protocol.connect()
        request.headers.update(bearer(self._token))
        self._protocol.send_request(request)
        self.flush()
        while not any(isinstance(event, Response) for event in self._take(await self._some())):
            pass
        assert self._protocol.handshake_exc is None
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.transport.abort()
        with_errors = asyncio.gather(self._writer.wait_closed(), return_exceptions=True)
        await with_errors

    async def frame(self, opcode: Opcode | None = None) -> Frame:
        """Return the next frame, or the next of a kind, and answer nothing."""
        while True:
            while self._frames:
                frame = self._frames.pop(0)
                if opcode in (None, frame.opcode):
                    return frame
            self._take(await self._some())

    async def until_end(self) -> list[Frame]:
        """Read on until the peer is gone; return what it said."""
        while not self.is_at_end:
            self._take(await self._some())
        return self._frames

    def pong(self, payload: bytes) -> None:
        self._protocol.send_pong(payload)
        self.flush()

    def send_text(self, text: str) -> None:
        self._protocol.send_text(text.encode())
        self.flush()

    def ping(self, payload: bytes) -> None:
        self._protocol.send_ping(payload)
        self.flush()

    def flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)

    async def _some(self) -> bytes:
        try:
            return await self._reader.read(65536)
        except ConnectionResetError:
            return b""

    def _take(self, data: bytes) -> list[object]:
        if data:
            self._protocol.receive_data(data)
        else:
            self.is_at_end = True
            self._protocol.receive_eof()
        # Pongs and close frames that the protocol would answer with are thrown away here.
        self._protocol.data_to_send()
        events = list(self._protocol.events_received())
        self._frames += [event for event in events if isinstance(event, Frame)]
        return list[object](events)


async def until(happens: Callable[[], bool], act: Callable[[], Any]) -> None:
    """Act again and again, a bounded number of times, until it happens."""
    for _ in range(10_000):
        if happens():
            return
        await act()
    raise AssertionError("it never happened")
