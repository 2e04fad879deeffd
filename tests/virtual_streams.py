"""Streams of runs under virtual time: connections that the test opens, feeds and cuts itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import reactivex as rx
from reactivex import Observable, abc
from reactivex.disposable import Disposable

import rx_realtime as rxr
from rx_realtime.models import Chunk, Opened, Update
from rx_realtime.wire import Request
from tests import virtual_trigger
from tests.virtual_trigger import RUN, Seen, done, row, rows

__all__ = ["CLEAN", "PING", "Body", "World", "batch", "data", "line", "record"]

CLEAN = rxr.ConnectionLost(reason="the event stream ended", is_clean=True)


def record(number: int, data: Any, *, part: str | None = None, **said: Any) -> dict[str, Any]:
    """A record of the newer dialect."""
    body = {"data": data} if part is None else {"data": data, "id": part}
    return {"seq_num": number, "timestamp": 1000 * number, "body": json.dumps(body), **said}


def batch(*records: Any, **said: Any) -> bytes:
    """An event of the newer dialect."""
    data = json.dumps({"records": records, **said})
    return f"event: batch\nid: 0,0,0\ndata: {data}\n\n".encode()


def line(line_id: str, data: Any) -> bytes:
    """An event of the older dialect."""
    return f"id: {line_id}\ndata: {json.dumps(data)}\n\n".encode()


PING = b'event: ping\ndata: {"timestamp":1}\n\n'


@dataclass
class Body:
    """One connection, seen from the server's side."""

    request: Request
    observer: abc.ObserverBase[Opened | bytes]
    at: float
    is_left: bool = False

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.request.headers.items()}

    @property
    def after(self) -> str | None:
        """What the reader has already."""
        return self.headers.get("last-event-id")

    def open(self) -> Body:
        self.observer.on_next(Opened())
        return self

    def send(self, *pieces: bytes) -> Body:
        for piece in pieces:
            self.observer.on_next(piece)
        return self

    def break_off(self, error: Exception | None = None) -> None:
        self.observer.on_error(error or rxr.ConnectionLost(reason="reset"))

    def close(self) -> None:
        """End the body, as a server does in which nothing came for a while."""
        self.observer.on_error(CLEAN)


@dataclass
class World(virtual_trigger.World):
    """Virtual time, the run's feed, and the connections that were asked for."""

    bodies: list[Body] = field(default_factory=list)

    def connect(self, request: Request) -> Observable[Opened | bytes]:
        def subscribe(
            observer: abc.ObserverBase[Opened | bytes], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            body = Body(request, observer, self.now)
            self.bodies.append(body)

            def leave() -> None:
                body.is_left = True

            return Disposable(leave)

        return rx.create(subscribe)

    @property
    def body(self) -> Body:
        """The latest."""
        return self.bodies[-1]

    @property
    def open_bodies(self) -> list[Body]:
        return [body for body in self.bodies if not body.is_left]

    def read(self, key: Any = "ai", **options: Any) -> Seen[Update]:
        given = {
            "token": self.token, "transport": self.connect, "run_transport": self.ask,
            "api_base_url": "https://api.trigger.dev",
        }  # fmt: skip
        return self.watch(rxr.trigger.streams.subscribe(RUN, key, **{**given, **options}))

    def start(self) -> None:
        """Answer the run's feed: it executes."""
        self.say(rows(row()))

    def finish(self) -> None:
        """Answer the run's feed: it is over."""
        self.say(rows(done()))


def data(seen: Seen[Update]) -> list[Any]:
    """What the chunks held."""
    return [chunk.data for chunk in seen.of(Chunk)]
