"""An HTTP server that says what a test tells it to, and counts its connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

__all__ = ["Asked", "Scripted", "reply", "scripted"]


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


#: What is to be sent back, byte for byte; None says nothing and waits.
Answer = Callable[[Asked], bytes | None]


def reply(status: int, body: bytes = b"", *, length: int | None = None, **headers: str) -> bytes:
    """A whole answer; a `length` that is more than the body makes it one that is cut off."""
    lines = [f"HTTP/1.1 {status} x", f"content-length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Scripted:
    """Where it listens, and what it has seen."""

    url: str = ""
    connections: int = 0
    open: int = 0
    asked: list[Asked] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def scripted(answer: Answer) -> AsyncIterator[Scripted]:
    """Serve on a free port of this machine."""
    server = Scripted()
    serving = set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        server.connections += 1
        server.open += 1
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    asked = await _read(reader)
                    server.asked.append(asked)
                    said = answer(asked)
                    if said is None:
                        await reader.read()  # until the other side leaves
                        return
                    writer.write(said)
                    await writer.drain()
                    if b"content-length" not in said or _is_cut(said):
                        return
        finally:
            server.open -= 1
            server.closed.set()
            writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        yield server
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, target, headers, body)


def _is_cut(said: bytes) -> bool:
    head, _, body = said.partition(b"\r\n\r\n")
    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return int(length) > len(body)
