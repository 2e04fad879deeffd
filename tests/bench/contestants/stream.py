"""A stream of a Trigger.dev run: ours, and `httpx2` with `json.loads` as a user writes it."""

from __future__ import annotations

import json
from typing import Any

import httpx2

import rx_realtime as rxr
from tests.bench.contestants.course import Course, run
from tests.bench.contestants.meter import Meter
from tests.bench.sender.orders import Order

_PATH = "/realtime/v1/streams/run_bench/tokens"


async def stream(course: Course) -> dict[str, Any]:
    """Read all chunks."""
    meter = Meter(course.size, course.warm)
    if course.options.get("bare"):
        return await _lines(course, meter)

    def take(chunk: Any) -> None:
        meter.add(chunk["index"])

    chunks = rxr.trigger.streams.read(
        "run_bench", "tokens", token=Order(course.size).token, api_base_url=course.http_url
    )
    subscription = chunks.subscribe(take, meter.fail)
    await meter.finished()
    subscription.dispose()
    return meter.result()


async def _lines(course: Course, meter: Meter) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {Order(course.size).token}"}
    url = course.http_url + _PATH
    async with (
        httpx2.AsyncClient(trust_env=False) as http,
        http.stream("GET", url, headers=headers) as response,
    ):
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                meter.add(json.loads(line[6:])["index"])
                if meter.done.is_set():
                    break
    return meter.result()


if __name__ == "__main__":
    run(stream)
