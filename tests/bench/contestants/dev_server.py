"""The dev server: what it costs to deliver to many subscribers, healthy ones and stalled ones."""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from asyncio.subprocess import PIPE
from typing import Any, Final

from rx_realtime.server import DevServer, Limits
from tests.bench.contestants.course import Course, run
from tests.bench.sender.orders import EPOCH, TOPIC

_CLOG: Final = "clog"
_PIECE: Final = json.dumps("x" * 64 * 1024).encode()
#: Longer than anything takes here. The crowd answers no pings: that is not what is measured.
_PATIENT: Final = 600.0


async def dev_server(course: Course) -> dict[str, Any]:
    """Publish at a `rate` of deliveries a second, and let a crowd say when they were there.

    There are so many `connections`, which share out so many `channels`. So many more are `stalled`:
    they listen to the first channel, too, and never read, so that their outboxes fill up.
    """
    connections, channels = course.options["connections"], course.options.get("channels", 1)
    stalled, each_reaches = course.options.get("stalled", 0), connections // channels
    limits = Limits(max_connections=connections + stalled, ping_timeout=_PATIENT)
    async with DevServer(limits=limits) as server:
        crowd = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.contestants.crowd", stdin=PIPE, stdout=PIPE
        )
        assert crowd.stdin is not None
        assert crowd.stdout is not None
        told = {
            "url": server.url.replace("http", "ws", 1) + "/v1/realtime/connect",
            "healthy": [_token(server, each % channels, TOPIC) for each in range(connections)],
            "stalled": [_token(server, 0, TOPIC, _CLOG)] * stalled,
            "size": course.size,
        }
        crowd.stdin.write(json.dumps(told).encode() + b"\n")
        assert json.loads(await crowd.stdout.readline())["listens"] == connections + stalled
        await server.inngest.until_connections(connections + stalled)
        await _clog(server)
        wall, cpu = time.perf_counter(), time.process_time()
        count = math.ceil(course.size / each_reaches)
        await _publish(server, count, channels, course.options["rate"] / each_reaches)
        said = await crowd.stdout.readline()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        crowd.stdin.close()
        await crowd.wait()
    return {**json.loads(said), "count": count * each_reaches, "wall": wall, "cpu": cpu}


async def _publish(server: DevServer, count: int, channels: int, rate: float) -> None:
    loop = asyncio.get_running_loop()
    begin = loop.time()
    for index in range(count):
        await asyncio.sleep(max(0.0, begin + index / rate - loop.time()))
        at = EPOCH + time.monotonic_ns() // 1000
        data = f'{{"index":{index},"at":{at},"token":"token {index % 97} of an answer"}}'
        server.inngest.publisher.say(_channel(index % channels), TOPIC, data.encode())


async def _clog(server: DevServer) -> None:
    """Fill all that there is between us and those who do not read."""
    subscribers = server.inngest.hub.subscribers
    stalled = [each.outbox for each in subscribers if len(each.topics) > 1]
    while any(outbox.waiting < 2 for outbox in stalled):
        server.inngest.publisher.say(_channel(0), _CLOG, _PIECE)
        await asyncio.sleep(0)


def _token(server: DevServer, channel: int, *topics: str) -> str:
    token = server.inngest.subscription_token(_channel(channel), topics)
    return token.key.get_secret_value()


def _channel(number: int) -> str:
    return f"bench:{number}"


if __name__ == "__main__":
    run(dev_server)
