"""Servers of a few bytes: what a real one never says, these can."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
import struct
import zlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Self

Script = Callable[["Call"], Awaitable[object]]

CONTINUATION, TEXT, BINARY = 0x0, 0x1, 0x2
CLOSE, PING = 0x8, 0x9
_FIN, _COMPRESSED = 0x80, 0x40
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass(frozen=True)
class Asked:
    """The head of a request."""

    target: str
    headers: dict[str, str]


class Call:
    """One connection, seen from the server's side."""

    def __init__(
        self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.asked = asked
        self.reader = reader
        self.writer = writer

    async def say(self, *data: bytes) -> None:
        for each in data:
            self.writer.write(each)
            await self.writer.drain()

    async def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer with a status, and hang up."""
        named = {"content-length": str(len(body)), "connection": "close"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        await self.say(f"HTTP/1.1 {status} Said So\r\n{lines}\r\n".encode() + body)

    async def upgrade(self, *headers: str) -> None:
        key = self.asked.headers["sec-websocket-key"].encode()
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()  # noqa: S324
        lines = ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {accept}"]
        head = "\r\n".join(["HTTP/1.1 101 Switching Protocols", *lines, *headers])
        await self.say(f"{head}\r\n\r\n".encode())

    async def begin_events(self, **headers: str) -> None:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{lines}\r\n"
        await self.say(head.encode())

    async def until_left(self) -> int | None:
        """Read until the client is gone; return the close code it sent, if it sent one."""
        code: int | None = None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while code is None:
                first, length = await self.reader.readexactly(2)
                mask = await self.reader.readexactly(4)
                data = await self.reader.readexactly(length & 0x7F)
                plain = bytes(a ^ mask[i % 4] for i, a in enumerate(data))
                if first & 0x0F == CLOSE:
                    code = struct.unpack("!H", plain[:2])[0]
                    await self.say(frame(plain, CLOSE))
        return code


def frame(
    data: bytes, opcode: int = TEXT, *, is_last: bool = True, compressed: bool = False
) -> bytes:
    """Encode a frame as a server does."""
    first = opcode | (_FIN if is_last else 0) | (_COMPRESSED if compressed else 0)
    size = len(data)
    if size < 126:
        return struct.pack("!BB", first, size) + data
    if size < 1 << 16:
        return struct.pack("!BBH", first, 126, size) + data
    return struct.pack("!BBQ", first, 127, size) + data


def frames(pieces: Sequence[bytes], *, between: bytes = b"", compressed: bool = False) -> bytes:
    """Encode a message in several frames; `compressed` is said of the first, and holds for all."""
    last = len(pieces) - 1
    encoded = [
        frame(
            piece,
            TEXT if number == 0 else CONTINUATION,
            is_last=number == last,
            compressed=compressed and number == 0,
        )
        for number, piece in enumerate(pieces)
    ]
    return between.join(encoded)


def closing(code: int, reason: str = "") -> bytes:
    return frame(struct.pack("!H", code) + reason.encode(), CLOSE)


def deflate(data: bytes) -> bytes:
    """Compress a message, as the extension permessage-deflate does."""
    packer = zlib.compressobj(wbits=-15)
    return (packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


class Peer:
    """Serves a script to each connection, and remembers what was asked."""

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.calls = 0
        self._script = script
        self._tls = tls
        self._tasks = set[asyncio.Task[None]]()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, kind: Literal["websocket", "sse"], host: str = "127.0.0.1") -> str:
        scheme = {"websocket": "ws", "sse": "http"}[kind] + ("s" if self._tls else "")
        return f"{scheme}://{host}:{self.port}/listen"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.calls += 1
        try:
            with suppress(OSError, EOFError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                named = (line.partition(":") for line in head[1:] if line)
                headers = {name.lower(): value.strip() for name, _, value in named}
                asked = Asked(head[0].split(" ")[1], headers)
                self.asked.append(asked)
                await self._script(Call(asked, reader, writer))
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()
            self._tasks.discard(task)
