"""No client at all: bytes are read and forgotten. What the sender can do at most."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

from tests.bench.contestants.course import Course, run
from tests.bench.contestants.meter import Meter
from tests.bench.sender.frames import blocks
from tests.bench.sender.orders import Order

_OPEN = (
    "GET /v1/realtime/connect?token={token} HTTP/1.1\r\n"
    "Host: {host}\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "\r\n"
)


async def drain(course: Course) -> dict[str, Any]:
    """Read as many bytes as so many frames have."""
    meter = Meter(course.size, course.warm)
    left = sum(map(len, blocks(course.size)))
    size = left / course.size
    buffer, read = bytearray(1 << 20), 0
    parts = urlsplit(course.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
        token = Order(course.size).token
        connection.sendall(_OPEN.format(token=token, host=parts.netloc).encode())
        answer = connection.recv(65536)
        left -= len(answer.partition(b"\r\n\r\n")[2])
        while read < left and (got := connection.recv_into(buffer)):
            read += got
            meter.reach(int(read / size))
    meter.reach(course.size)
    return meter.result()


if __name__ == "__main__":
    run(drain)
