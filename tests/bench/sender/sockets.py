"""The websocket sender: a thread for each connection, and blocking writes of large buffers."""

from __future__ import annotations

import socket
import threading
import time
from functools import cache
from typing import Final
from urllib.parse import parse_qs, urlsplit

from websockets.http11 import Request
from websockets.server import ServerProtocol

from .frames import blocks, paced_frame
from .orders import Order

__all__ = ["serve_sockets"]

#: Seconds that those who want to begin together wait for each other.
_PATIENCE: Final = 60.0


def serve_sockets(listener: socket.socket) -> None:
    """Serve whoever connects, until the process ends."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_serve, args=(connection,), daemon=True).start()


def _serve(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client = _Client(connection)
    try:
        order = client.open()
        _barrier(order).wait(_PATIENCE)
        if order.rate:
            client.pace(order)
        else:
            client.flood(order)
        client.rest()
    except (OSError, threading.BrokenBarrierError):
        pass  # it had enough, or others did not come
    finally:
        connection.close()


@cache
def _barrier(order: Order) -> threading.Barrier:
    return threading.Barrier(order.together)


class _Client:
    """One connection. The library shakes hands, answers pings and says goodbye; we send."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._protocol = ServerProtocol(max_size=None)

    def open(self) -> Order:
        """Shake hands, and return what the client wants."""
        while True:
            for event in self._hear():
                if isinstance(event, Request):
                    self._protocol.send_response(self._protocol.accept(event))
                    self._answer()
                    return _order(event)

    def flood(self, order: Order) -> None:
        """Send all at once."""
        for block in blocks(order.count):
            self._connection.sendall(block)
            self._tend()

    def pace(self, order: Order) -> None:
        """Send each when it is due. What is late is sent at once, with the time of its sending."""
        begin, step = time.monotonic_ns(), 1_000_000_000 // order.rate
        for index in range(order.count):
            wait = begin + index * step - time.monotonic_ns()
            if wait > 0:
                time.sleep(wait / 1e9)
            self._connection.sendall(paced_frame(index, time.monotonic_ns()))
            if index % 1000 == 0:
                self._tend()

    def rest(self) -> None:
        """Answer until the client leaves."""
        while True:
            self._hear()

    def _tend(self) -> None:
        """Answer what the client said meanwhile: who hears nothing for long gives up."""
        try:
            while True:
                self._hear(socket.MSG_DONTWAIT)
        except BlockingIOError:
            return

    def _hear(self, flags: int = 0) -> list[object]:
        data = self._connection.recv(65536, flags)
        if not data:
            raise ConnectionResetError
        self._protocol.receive_data(data)
        self._answer()
        return list(self._protocol.events_received())

    def _answer(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._connection.sendall(data)
            else:  # both have said goodbye
                self._connection.shutdown(socket.SHUT_WR)


def _order(request: Request) -> Order:
    header = request.headers.get("Authorization", "")
    asked = parse_qs(urlsplit(request.path).query).get("token", [""])
    return Order.parse(header.removeprefix("Bearer ") or asked[0])
