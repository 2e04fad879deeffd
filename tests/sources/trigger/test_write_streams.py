"""Writing streams: everything arrives once, in order, whatever happens on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import reactivex as rx
from hypothesis import given, settings
from hypothesis import strategies as st
from reactivex import Observable

import rx_realtime as rxr
from rx_realtime.sources.trigger.uploading import PART_CHUNKS
from rx_realtime.transports import from_task
from rx_realtime.wire import Request, Response

streams = rxr.trigger.streams
Ai = streams.define("ai", dict[str, int])
NUMBERS = streams.define("ai", int)
JSON_TYPE = {"content-type": "application/json"}


@dataclass
class Store:
    """A server that keeps lines, and fails as it is told to: after so many lines of a request."""

    created: int = 202
    cuts: list[tuple[int, Exception | int]] = field(default_factory=list[Any])
    lines: list[Any] = field(default_factory=list[Any])
    requests: list[Request] = field(default_factory=list[Request])

    def __call__(
        self, request: Request, *, content: AsyncIterator[bytes] | None = None
    ) -> Observable[Response]:
        async def run(deliver: Callable[[Response], None]) -> None:
            self.requests.append(request)
            deliver(await self.answer(request, content))

        return from_task(run)

    async def answer(self, request: Request, content: AsyncIterator[bytes] | None) -> Response:
        match request.method:
            case "PUT":
                return Response(self.created, JSON_TYPE, b'{"version":"v1"}')
            case "HEAD":
                return Response(200, {"x-last-chunk-index": str(len(self.lines) - 1)}, b"")
            case _:
                assert content is not None
                assert int(request.headers["x-resume-from-chunk"]) == len(self.lines)
                return await self.take(content)

    async def take(self, content: AsyncIterator[bytes]) -> Response:
        most, failure = self.cuts.pop(0) if self.cuts else (-1, 200)
        taken = 0
        while taken != most and (line := await anext(content, None)) is not None:
            self.lines.append(json.loads(line))
            taken += 1
        if isinstance(failure, Exception):
            raise failure
        return Response(failure, {}, b"")

    @property
    def methods(self) -> list[str]:
        return [request.method for request in self.requests]

    @property
    def options(self) -> dict[str, Any]:
        return {"transport": self, "api_base_url": "https://api.trigger.dev", "wait": [0.0] * 9}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIGGER_SECRET_KEY", "tr_dev_canary")


async def each(count: int) -> AsyncIterator[int]:
    for number in range(count):
        yield number


@pytest.mark.parametrize(
    "source", [range(5), [*range(5)], each(5), rx.of(0, 1, 2, 3, 4)], ids=lambda s: type(s).__name__
)
async def test_whatever_gives_chunks_can_be_written(source: Any) -> None:
    store = Store()
    assert await streams.pipe("run_1", "ai", source, **store.options) == 5
    assert store.lines == [0, 1, 2, 3, 4]
    assert store.methods == ["PUT", "POST"]
    put, post = store.requests
    assert post.url == "https://api.trigger.dev/realtime/v1/streams/run_1/self/ai" == put.url
    assert post.headers["x-resume-from-chunk"] == "0"
    assert len(post.headers["x-client-id"]) == 8
    assert post.token is not None


@pytest.mark.parametrize("target", ["self", "parent", "root"])
async def test_the_stream_may_be_another_runs(target: Any) -> None:
    store = Store()
    await streams.append("run_1", "a b", 7, target=target, **store.options)
    assert store.requests[0].url.endswith(f"/run_1/{target}/a%20b")
    assert store.lines == [7]


async def test_a_target_that_is_none_is_refused() -> None:
    with pytest.raises(rxr.OptionError):
        await streams.append("run_1", "ai", 7, target="other", **Store().options)  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from([0, 1, 2])), max_size=8))
def test_everything_arrives_once_and_in_order_however_often_it_is_cut(
    cuts: list[tuple[int, int]],
) -> None:
    errors: list[Exception | int] = [rxr.ConnectionLost(reason="reset"), rxr.Stalled(60), 503]
    store = Store(cuts=[(most, errors[kind]) for most, kind in cuts])
    written = asyncio.run(write(20, store))
    assert written == 20
    assert store.lines == [*range(20)]
    assert store.methods.count("HEAD") == len(cuts)


async def write(count: int, store: Store) -> int:
    return await streams.pipe("run_1", "ai", each(count), **store.options)


async def test_when_only_the_answer_is_lost_nothing_is_sent_twice() -> None:
    store = Store(cuts=[(20, rxr.ConnectionLost(reason="reset"))])
    assert await write(20, store) == 20
    assert store.lines == [*range(20)]
    assert store.requests[-1].headers["x-resume-from-chunk"] == "20"


async def test_a_source_is_not_asked_for_more_than_the_server_has_stored() -> None:
    pulled = 0

    def source() -> Any:
        nonlocal pulled
        while True:
            pulled += 1
            yield pulled

    held = asyncio.Event()

    class Slow(Store):
        async def take(self, content: AsyncIterator[bytes]) -> Response:
            response = await super().take(content)
            held.set()
            await asyncio.Event().wait()
            return response

    store = Slow()
    writing = asyncio.ensure_future(streams.pipe("run_1", "ai", source(), **store.options))
    await held.wait()
    assert pulled == len(store.lines) == PART_CHUNKS
    writing.cancel()
    await asyncio.wait([writing])


async def test_a_long_stream_goes_in_parts() -> None:
    store = Store()
    assert await write(2500, store) == 2500
    starts = [request.headers["x-resume-from-chunk"] for request in store.requests[1:]]
    assert starts == ["0", "1000", "2000"]
    assert store.lines == [*range(2500)]


async def test_what_the_source_raises_is_raised_when_all_before_it_is_stored() -> None:
    def source() -> Any:
        yield 1
        yield 2
        raise LookupError("no more")

    store = Store()
    with pytest.raises(LookupError):
        await streams.pipe("run_1", "ai", source(), **store.options)
    assert store.lines == [1, 2]


async def test_a_chunk_that_does_not_fit_is_refused_and_those_before_it_are_stored() -> None:
    store = Store()
    chunks: Any = [{"a": 1}, {"a": "x"}]
    with pytest.raises(rxr.PayloadError):
        await streams.pipe("run_1", Ai, chunks, **store.options)
    assert store.lines == [{"a": 1}]
    with pytest.raises(rxr.PayloadError):
        await streams.append("run_1", "ai", "x" * (1 << 20), **store.options)
    with pytest.raises(rxr.PayloadError):
        await streams.append("run_1", "ai", object(), **store.options)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
async def test_a_refusal_is_an_error_at_once(status: int) -> None:
    store = Store(created=status)
    with pytest.raises(rxr.Refused) as caught:
        await write(3, store)
    assert caught.value.status == status
    assert store.methods == ["PUT"]


async def test_ten_attempts_are_all() -> None:
    store = Store(cuts=[(0, 503)] * 10)
    with pytest.raises(rxr.Refused):
        await write(3, store)
    assert store.methods.count("POST") == 10


async def test_a_writer_takes_chunks_one_by_one_and_from_sources() -> None:
    store = Store()
    async with streams.writer("run_1", Ai, **store.options) as ai:
        await ai.write({"a": 1})
        await asyncio.gather(ai.merge([{"b": 1}]), ai.merge([{"c": 1}]))
    assert store.lines[0] == {"a": 1}
    assert sorted(map(str, store.lines)) == ["{'a': 1}", "{'b': 1}", "{'c': 1}"]
    with pytest.raises(rxr.Unfinished):
        await ai.write({"a": 2})


async def test_a_writer_that_cannot_write_says_so_and_does_not_hang() -> None:
    async def endlessly() -> None:
        async with streams.writer("run_1", NUMBERS, **Store(created=400).options) as ai:
            while True:
                await ai.write(1)

    with pytest.raises(rxr.Refused):
        await endlessly()


async def test_who_fails_in_the_middle_of_writing_has_written_what_was_before() -> None:
    store = Store()

    async def fails() -> None:
        async with streams.writer("run_1", NUMBERS, **store.options) as ai:
            await ai.write(1)
            raise LookupError

    with pytest.raises(LookupError):
        await fails()
    assert store.lines == [1]
