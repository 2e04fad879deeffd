"""The HTTP sender: the stream of a run, and feeds of runs, as Trigger.dev's servers answer."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from .orders import Order
from .pages import SCHEMA, batch, changes, events, prepare, snapshot

__all__ = ["serve_bodies"]


def serve_bodies() -> str:
    """Serve in threads of their own, until the process ends.

    Returns:
        The URL.
    """
    server = _Server(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: contestants leave in the middle when they have enough."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # or else each header is a write of its own

    def do_GET(self) -> None:
        """Answer by path."""
        order = Order.parse(self.headers["Authorization"].removeprefix("Bearer "))
        match urlsplit(self.path).path.split("/"):
            case [_, _, _, "streams", _, _]:
                self._stream(order)
            case [_, _, _, "runs"]:
                self._feed(order)
            case _:  # the feed of the one run whose stream is read
                self._feed(Order(rows=1))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def _stream(self, order: Order) -> None:
        blocks = events(order.count)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for block in blocks:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(block), block))
        self.wfile.flush()
        self._hold()

    def _feed(self, order: Order) -> None:
        """Answer the first question with all rows, and later ones with some that have changed."""
        asked = parse_qs(urlsplit(self.path).query)
        known = asked["offset"][0]
        if known == "-1":
            prepare(order.rows)
            self._page(snapshot(order.rows), 0)
            return
        sent = int(known.partition("_")[2])
        if sent >= order.count:
            self._hold()
            return
        size = batch(order.rows)
        if order.rate:
            time.sleep(size / order.rate)
        self._page(changes(order.rows, sent), sent + size)

    def _page(self, body: bytes, sent: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("electric-handle", "bench-1")
        self.send_header("electric-offset", f"1767323045678_{sent}")
        self.send_header("electric-cursor", str(sent + 1))
        self.send_header("electric-schema", SCHEMA)
        self.end_headers()
        self.wfile.write(body)

    def _hold(self) -> None:
        """Keep the connection until the client leaves."""
        self.close_connection = True
        self.rfile.read(1)
