"""A client of streams that does just what a test tells it to."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx2

from rx_realtime.server import TaskRun
from rx_realtime.wire.sse import Event, EventDecoder

__all__ = ["Reader", "path_of", "read"]


def path_of(run: TaskRun | str, *parts: str) -> str:
    """The path of a stream."""
    run_id = run if isinstance(run, str) else run.id
    return "/".join(("/realtime/v1/streams", run_id, *(quote(part, safe="") for part in parts)))


class Reader:
    """Reads the events of one connection, one after the other."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self.raw = bytearray()
        self._pieces = response.aiter_raw()
        self._decoder = EventDecoder()
        self._events = deque[Event]()

    async def event(self) -> Event:
        """Wait for the next event; raise StopAsyncIteration at the end."""
        while not self._events:
            piece = await anext(self._pieces)
            self.raw += piece
            self._decoder, events = self._decoder.decode(piece)
            self._events += events
        return self._events.popleft()

    async def records(self, count: int) -> list[dict[str, Any]]:
        """Wait for so many records of the newer dialect."""
        found = list[dict[str, Any]]()
        while len(found) < count:
            event = await self.event()
            if event.event == "batch":
                found += json.loads(event.data)["records"]
        return found

    async def chunks(self, count: int) -> list[Any]:
        """Wait for so many chunks, in whichever dialect they come."""
        if "x-stream-version" in self.response.headers:
            return [json.loads(each["body"])["data"] for each in await self.records(count)]
        return [json.loads((await self.event()).data) for _ in range(count)]

    async def end(self) -> list[Event]:
        """Wait for the body's end; return what still came."""
        events = list[Event]()
        try:
            while True:
                events.append(await self.event())
        except StopAsyncIteration:
            return events


@asynccontextmanager
async def read(
    http: httpx2.AsyncClient, run: TaskRun | str, *key: str, **headers: str
) -> AsyncIterator[Reader]:
    """Open a stream: `async with read(http, run, "ai", last_event_id="3") as reader`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with http.stream("GET", path_of(run, *key), headers=named) as response:
        yield Reader(response)
