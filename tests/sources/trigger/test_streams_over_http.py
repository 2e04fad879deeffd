"""Streams over real sockets: written, read, and read by somebody slow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

import rx_realtime as rxr
from rx_realtime import wire
from rx_realtime.models import StreamClosed
from rx_realtime.server.serving import Embedded, listen
from rx_realtime.transports import from_task
from tests.virtual_streams import batch, record
from tests.virtual_trigger import done, row, rows

streams = rxr.trigger.streams


class Part(BaseModel):
    number: int
    text: str = ""


Ai = streams.define("ai", Part)


@dataclass
class Server:
    """Keeps one stream, and everything that was sent to its run."""

    log: list[Any] = field(default_factory=list[Any])
    inputs: list[Any] = field(default_factory=list[Any])
    requests: list[str] = field(default_factory=list[str])
    over: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def write(self, request: Request) -> Response:
        self.requests.append(request.method)
        match request.method:
            case "PUT":
                return JSONResponse({"version": "v1"}, 202)
            case "HEAD":
                return Response(headers={"x-last-chunk-index": str(len(self.log) - 1)})
            case _:
                body = await request.body()
                assert int(request.headers["x-resume-from-chunk"]) == len(self.log)
                self.log += [json.loads(each) for each in body.splitlines()]
                return Response()

    async def read(self, request: Request) -> Response:
        start = int(request.headers.get("last-event-id", "-1")) + 1
        is_draining = request.headers.get("timeout-seconds") == "1"
        self.requests.append("GET")
        assert request.headers["authorization"] == "Bearer tr_dev_canary"

        async def events() -> AsyncIterator[bytes]:
            for number, data in enumerate(self.log[start:], start):
                yield batch(record(number, data, part=f"p{number}"))
            if not is_draining:
                await self.over.wait()

        return StreamingResponse(events(), media_type="text/event-stream")

    async def take(self, request: Request) -> Response:
        self.inputs.append(await request.json())
        return JSONResponse({"ok": True})

    def ask(self, _: wire.Request) -> Any:
        """Answer the run's feed: it executes, until it is over."""
        asked = self.requests.count("feed")
        self.requests.append("feed")

        async def answer(deliver: Callable[[wire.Response], None]) -> None:
            if asked:
                await self.over.wait()
            deliver(rows(done()) if asked else rows(row()))

        return from_task(answer)

    @property
    def options(self) -> dict[str, Any]:
        return {"api_base_url": self.url, "run_transport": self.ask}


@pytest_asyncio.fixture
async def kept(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    kept = Server()
    base = "/realtime/v1/streams/run_1"
    routes = [
        Route(f"{base}/input/approval", kept.take, methods=["POST"]),
        Route(f"{base}/self/ai", kept.write, methods=["PUT", "POST", "HEAD"]),
        Route(f"{base}/ai", kept.read),
    ]
    server, listener = Embedded(Starlette(routes=routes)), listen("127.0.0.1", 0)
    kept.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    monkeypatch.setenv("TRIGGER_SECRET_KEY", "tr_dev_canary")
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield kept
    server.stop()
    await serving


async def test_what_is_written_is_read(kept: Server) -> None:
    parts = [Part(number=number) for number in range(2500)]
    assert await Ai.pipe("run_1", parts, api_base_url=kept.url) == 2500
    assert kept.requests == ["PUT", "POST", "POST", "POST"]
    reading = streams.read("run_1", Ai, **kept.options).iterate()
    assert [(await anext(reading)).number for _ in range(2500)] == [*range(2500)]
    kept.over.set()
    assert [part async for part in reading] == []


async def test_a_reader_who_is_behind_makes_the_server_wait_and_misses_nothing(
    kept: Server,
) -> None:
    kept.log = [{"number": number, "text": "x" * 20_000} for number in range(600)]
    reading, most = streams.read("run_1", Ai, **kept.options).iterate(buffer=8), 0
    for number in range(600):
        assert (await anext(reading)).number == number
        most = max(most, len(reading._box._waiting))
        for _ in range(20):  # what the reader does in between
            await asyncio.sleep(0)
    assert most < 24  # 8, and as many as one piece from the socket holds
    kept.over.set()
    assert [part async for part in reading] == []


async def test_a_run_that_is_over_is_read_to_its_end(kept: Server) -> None:
    kept.over.set()
    kept.log = [{"number": 1}, {"number": 2}]
    updates = [update async for update in streams.subscribe("run_1", Ai, **kept.options)]
    assert updates[-1] == StreamClosed("ai", "ai")
    assert await streams.read("run_1", "ai", **kept.options) == {"number": 2}


async def test_a_message_reaches_the_input_stream_of_a_run(kept: Server) -> None:
    await streams.send("run_1", "approval", {"ok": True}, api_base_url=kept.url)
    assert kept.inputs == [{"data": {"ok": True}}]


async def test_one_stream_is_written_from_another(kept: Server) -> None:
    kept.log = [{"number": number} for number in range(50)]
    kept.over.set()
    other = Server()
    source = streams.read("run_1", Ai, **kept.options)
    assert await streams.pipe("run_2", Ai, source, transport=_into(other), api_base_url="") == 50
    assert other.log == [{"number": number, "text": ""} for number in range(50)]


def _into(other: Server) -> Any:
    def send(request: wire.Request, *, content: AsyncIterator[bytes] | None = None) -> Any:
        async def answer(deliver: Callable[[wire.Response], None]) -> None:
            if content is None:
                deliver(wire.Response(202, {}, b'{"version":"v1"}'))
                return
            other.log += [json.loads(line) async for line in content]
            deliver(wire.Response(200, {}, b""))

        return from_task(answer)

    return send


def test_a_script_reads_and_writes_without_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIGGER_SECRET_KEY", "tr_dev_canary")
    other = Server()
    assert streams.append("run_1", "ai", 7, transport=_into(other)).run(timeout=5) == 1
    assert other.log == [7]
