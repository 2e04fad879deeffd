"""What carries: each transport, and how its server speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from msgspec import structs
from pydantic import SecretStr
from reactivex import Observable

from rx_realtime.models import Opened
from rx_realtime.transports import Settings, sse, websocket
from rx_realtime.wire import Request
from tests.transports.peers import Call, Peer, Script, frame
from tests.watching import Watch

KEY = "eyJ.canary.signature"
PLAIN = Settings()


@dataclass(frozen=True)
class Kind:
    """A transport, and how its server speaks."""

    name: Literal["websocket", "sse"]
    transport: Callable[[Request, Settings], Observable[Opened | bytes]]

    @property
    def is_websocket(self) -> bool:
        return self.name == "websocket"

    def open(self, peer: Peer, settings: Settings = PLAIN, **options: Any) -> Watch:
        return Watch(self.transport(self.request(peer.url(self.name), **options), settings))

    def request(self, url: str, **options: Any) -> Request:
        return structs.replace(
            Request(url, token=SecretStr(KEY), token_parameter="token"), **options
        )

    async def accept(self, call: Call) -> None:
        await (call.upgrade() if self.is_websocket else call.begin_events())

    def encode(self, data: bytes) -> bytes:
        return frame(data) if self.is_websocket else data

    def listening(self, *frames: bytes) -> Script:
        """Say these, and wait until the client leaves."""

        async def script(call: Call) -> None:
            await self.accept(call)
            await call.say(*map(self.encode, frames))
            await call.until_left()

        return script


def websockets(request: Request, settings: Settings) -> Observable[Opened | bytes]:
    return websocket(request, replace(settings, websockets="websockets"))


def picows(request: Request, settings: Settings) -> Observable[Opened | bytes]:
    return websocket(request, replace(settings, websockets="picows"))


WEBSOCKET, FAST, SSE = Kind("websocket", websockets), Kind("websocket", picows), Kind("sse", sse)
