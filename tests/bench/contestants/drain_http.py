"""No client at all: answers are read and forgotten. What the HTTP sender can do at most."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

from tests.bench.contestants.course import Course, run
from tests.bench.contestants.meter import Meter
from tests.bench.sender.orders import Order
from tests.bench.sender.pages import batch, events


async def drain_http(course: Course) -> dict[str, Any]:
    """Read as many events of a stream, or as many changes of runs."""
    meter = Meter(course.size, course.warm)
    order = Order(course.size, rows=course.options.get("rows", 0))
    connection = http.client.HTTPConnection(urlsplit(course.http_url).netloc)
    headers = {"Authorization": f"Bearer {order.token}"}
    if course.options["of"] == "stream":
        _stream(connection, headers, course, meter)
    else:
        _runs(connection, headers, batch(order.rows), meter)
    connection.close()
    return meter.result()


def _stream(
    connection: http.client.HTTPConnection, headers: dict[str, str], course: Course, meter: Meter
) -> None:
    blocks = events(course.size)
    total, read = sum(map(len, blocks)), 0
    connection.request("GET", "/realtime/v1/streams/run_bench/tokens", headers=headers)
    response = connection.getresponse()
    while read < total:
        read += len(response.read1(1 << 20))
        meter.reach(course.size * read // total)


def _runs(
    connection: http.client.HTTPConnection, headers: dict[str, str], size: int, meter: Meter
) -> None:
    offset, changes = "-1", -size
    while not meter.done.is_set():
        connection.request("GET", f"/realtime/v1/runs?offset={offset}", headers=headers)
        response = connection.getresponse()
        response.read()
        changes += size
        offset = response.headers["electric-offset"]
        meter.reach(changes)


if __name__ == "__main__":
    run(drain_http)
