"""A crowd: many subscribers of a dev server in one process, each as cheap as a socket."""

from __future__ import annotations

import json
import re
import resource
import selectors
import socket
import statistics
import sys
import time
from collections.abc import Iterable
from typing import Any, Final

from websockets.client import ClientProtocol
from websockets.http11 import Response
from websockets.uri import parse_uri

from tests.bench.sender.orders import EPOCH

__all__ = ["main"]

#: Frames are not taken apart: what a subscriber wants to know stands in a frame once.
_AT: Final = re.compile(rb'"at":(\d{16})')
_ROOM: Final = 256 * 1024
#: The least that a system takes: who does not read is noticed soon.
_NO_ROOM: Final = 4096


def main() -> None:
    """Read whom to be, listen until all has come, say how late it was, and stay until told.

    It says a line as soon as all are connected, and another with what they heard. Nothing may be
    published before the first: what comes together with the answer to a handshake is lost.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    told = json.loads(sys.stdin.readline())
    healthy = [_connect(told["url"], token) for token in told["healthy"]]
    stalled = [_connect(told["url"], token, room=_NO_ROOM) for token in told["stalled"]]
    _say({"listens": len(healthy) + len(stalled)})
    _say(_listen(healthy, told["size"]))
    sys.stdin.read()
    for each in (*healthy, *stalled):
        each.close()


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _connect(url: str, token: str, *, room: int | None = None) -> socket.socket:
    uri = parse_uri(url)
    plain = socket.socket()
    if room is not None:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    plain.connect((uri.host, uri.port))
    protocol = ClientProtocol(uri)
    request = protocol.connect()
    request.headers["Authorization"] = f"Bearer {token}"
    protocol.send_request(request)
    plain.sendall(b"".join(protocol.data_to_send()))
    while not any(isinstance(event, Response) for event in protocol.events_received()):
        protocol.receive_data(plain.recv(_ROOM))
    if protocol.handshake_exc is not None:
        raise protocol.handshake_exc
    plain.setblocking(False)
    return plain


def _listen(sockets: Iterable[socket.socket], size: int) -> dict[str, Any]:
    """Read until so many messages have come.

    Returns:
        How many came, and `p50` and `p99`: microseconds from publishing to delivery.
    """
    late, rests = list[int](), dict[int, bytes]()
    with selectors.DefaultSelector() as selector:
        for each in sockets:
            selector.register(each, selectors.EVENT_READ)
        while len(late) < size:
            for key, _ in selector.select():
                assert isinstance(key.fileobj, socket.socket)
                come = key.fileobj.recv(_ROOM)
                now = EPOCH + time.monotonic_ns() // 1000
                if not come:
                    raise ConnectionError("the server has hung up")
                data, end = rests.get(key.fd, b"") + come, 0
                for match in _AT.finditer(data):
                    late.append(now - int(match[1]))
                    end = match.end()
                rests[key.fd] = data[end:]
    late_of_100 = statistics.quantiles(late, n=100)
    return {"received": len(late), "p50": late_of_100[49], "p99": late_of_100[98]}


if __name__ == "__main__":
    main()
