"""What a user writes by hand: a loop that receives a frame and decodes it."""

from __future__ import annotations

import importlib
import json
from typing import Any

from tests.bench.contestants.course import Course, run
from tests.bench.contestants.meter import Meter
from tests.bench.sender.orders import Order

__all__ = ["connect"]

MAX_SIZE = 8 * 1024 * 1024


def connect(course: Course, order: Order) -> Any:
    """Connect with `websockets`, or with a library that has the same interface."""
    library = importlib.import_module(course.options.get("library", "websockets.asyncio.client"))
    return library.connect(
        f"{course.url.replace('http', 'ws', 1)}/v1/realtime/connect",
        additional_headers={"Authorization": f"Bearer {order.token}"},
        compression=None,
        max_size=MAX_SIZE,
        proxy=None,
    )


async def bare(course: Course) -> dict[str, Any]:
    """Receive and decode."""
    order = Order(course.size, course.options.get("rate", 0))
    meter = Meter(course.size, course.warm)
    async with connect(course, order) as connection:
        if order.rate:
            for _ in range(course.size):
                data = json.loads(await connection.recv())["data"]
                meter.time(data["at"])
                meter.add(data["index"])
        else:
            others = [_another] * course.options.get("others", 0)
            for _ in range(course.size):
                data = json.loads(await connection.recv())["data"]
                meter.add(data["index"])
                for other in others:
                    other(data)
        return meter.result()


def _another(data: Any) -> None:
    """Be one more who listens."""


if __name__ == "__main__":
    run(bare)
