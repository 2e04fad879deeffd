"""Many subscriptions in one process: `Realtime`s, or bare connections, that share the messages."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import rx_realtime as rxr
from rx_realtime.models import RealtimeState
from tests.bench.contestants.bare import connect
from tests.bench.contestants.course import Course, run
from tests.bench.contestants.meter import Meter
from tests.bench.contestants.ours import listening
from tests.bench.sender.orders import Order


async def many(course: Course) -> dict[str, Any]:
    """Open `connections`, on which nothing comes before all are open, and count what comes."""
    connections = course.options["connections"]
    order = Order(course.size // connections, together=connections)
    meter = Meter(order.count * connections, course.warm)
    if course.options.get("bare"):
        await asyncio.gather(*(_bare(course, order, meter) for _ in range(connections)))
        return meter.result()

    def look(state: RealtimeState[Any]) -> None:
        if state.messages.last is not None:
            meter.add(state.messages.last.data["index"])

    subscriptions = [
        rxr.inngest.realtime(**listening(course, order)).state.subscribe(look, meter.fail)
        for _ in range(connections)
    ]
    await meter.finished()
    for subscription in subscriptions:
        subscription.dispose()
    return meter.result()


async def _bare(course: Course, order: Order, meter: Meter) -> None:
    async with connect(course, order) as connection:
        for _ in range(order.count):
            meter.add(json.loads(await connection.recv())["data"]["index"])


if __name__ == "__main__":
    run(many)
