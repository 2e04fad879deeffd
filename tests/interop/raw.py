"""Inngest's realtime without any SDK: the other end that a test holds in its own hands."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterable
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect

Frame = dict[str, Any]


async def mint(url: str, channel: str, topics: list[str]) -> str:
    """Ask the server for a token that listens."""
    wanted = [{"channel": channel, "name": topic, "kind": "run"} for topic in topics]
    async with httpx2.AsyncClient(base_url=url) as http:
        answer = await http.post("/v1/realtime/token", json=wanted)
    assert answer.status_code == 201, answer.text
    jwt: str = answer.json()["jwt"]
    return jwt


async def publish(
    url: str,
    channel: str,
    topic: str,
    body: bytes | AsyncIterable[bytes],
    *,
    content_type: str = "application/json",
) -> None:
    """Publish one body, byte for byte."""
    async with httpx2.AsyncClient(base_url=url) as http:
        answer = await http.post(
            "/v1/realtime/publish",
            params={"channel": channel, "topic": topic},
            content=body,
            headers={"Content-Type": content_type},
        )
    assert answer.status_code == 200, answer.text


def listen(url: str, token: str) -> connect:
    """Open a subscription: `async with listen(…) as socket`."""
    # `proxy=None`: the server is on this machine, whatever the desk's settings say.
    return connect(f"{url.replace('http', 'ws', 1)}/v1/realtime/connect?token={token}", proxy=None)


async def next_frame(socket: ClientConnection) -> Frame:
    """Wait for the next frame of a subscription."""
    async with asyncio.timeout(10):
        frame: Frame = json.loads(await socket.recv())
    return frame
