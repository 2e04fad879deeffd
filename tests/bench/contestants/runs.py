"""The runs with a tag: ours, and `httpx2`, `json.loads` and a dict as a user writes it."""

from __future__ import annotations

import json
from typing import Any

import httpx2

import rx_realtime as rxr
from rx_realtime.models import Run
from rx_realtime.transports import Settings
from tests.bench.contestants.course import Course, run
from tests.bench.contestants.meter import Meter
from tests.bench.sender.orders import Order


async def runs(course: Course) -> dict[str, Any]:
    """Follow runs until each has changed often enough, and count the changes."""
    order = Order(course.size, course.options.get("rate", 0), course.options["rows"])
    meter = Meter(course.size, course.warm)
    if course.options.get("bare"):
        return await _merged(course, meter, order)
    known = 0

    def take(changed: Run) -> None:
        nonlocal known
        if known < order.rows:  # the snapshot
            known += 1
        else:
            meter.add(changed.number)

    followed = rxr.trigger.runs(
        "bench",
        token=order.token,
        api_base_url=course.http_url,
        settings=Settings(max_size=1 << 26),  # the snapshot of 10,000 runs comes as one answer
    )
    subscription = followed.subscribe(take, meter.fail)
    await meter.finished()
    subscription.dispose()
    return meter.result()


async def _merged(course: Course, meter: Meter, order: Order) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {order.token}"}
    rows: dict[str, dict[str, Any]] = {}
    offset, cursor = "-1", ""
    async with httpx2.AsyncClient(base_url=course.http_url, trust_env=False) as http:
        while not meter.done.is_set():
            asked = {"tags": "bench", "offset": offset, "cursor": cursor, "live": "true"}
            answer = await http.get("/realtime/v1/runs", params=asked, headers=headers)
            for message in json.loads(answer.content):
                if "key" in message:
                    row = rows.setdefault(message["key"], {})
                    row.update(message["value"])
                    if offset != "-1":
                        meter.add(int(row["number"]))
            offset = answer.headers["electric-offset"]
            cursor = answer.headers["electric-cursor"]
    return meter.result()


if __name__ == "__main__":
    run(runs)
