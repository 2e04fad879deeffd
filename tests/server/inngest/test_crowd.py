from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from websockets.asyncio.client import ClientConnection
from websockets.frames import Close, Opcode

from rx_realtime.server import DevServer, Limits
from tests.server.clients import CHANNEL, TOPIC, RawSocket, listen, read, until

HEALTHY, STALLED, LIMIT = 20, 5, 16
BIG = "x" * 100_000


async def next_number(websocket: ClientConnection) -> int:
    while (envelope := await read(websocket))["kind"] != "data":
        pass
    number: int = envelope["data"][0]
    return number


async def test_healthy_subscribers_miss_nothing_while_stalled_ones_are_bounded_and_cut_off():
    limits = Limits(max_queue_messages=LIMIT, ping_timeout=60, close_timeout=20)
    async with DevServer(limits=limits) as server, AsyncExitStack() as stack:
        healthy = [await stack.enter_async_context(listen(server)) for _ in range(HEALTHY)]
        stalled = [await stack.enter_async_context(RawSocket(server)) for _ in range(STALLED)]
        hub, run = server.inngest.hub, server.inngest.start_run()
        outboxes = [subscriber.outbox for subscriber in hub.subscribers]
        heard = list[list[int]]()
        most = 0

        async def say_and_hear() -> None:
            nonlocal most
            await run.publish(TOPIC, [len(heard), BIG], channel=CHANNEL)
            heard.append(await asyncio.gather(*map(next_number, healthy)))
            most = max(most, *(outbox.waiting for outbox in outboxes))

        await until(lambda: server.inngest.connections == HEALTHY, say_and_hear)
        await say_and_hear()

        # Nobody healthy waited for anybody stalled: each number came to all before the next.
        assert heard == [[number] * HEALTHY for number in range(len(heard))]
        assert most == LIMIT
        assert [outbox.waiting for outbox in outboxes] == [0] * (HEALTHY + STALLED)
        for websocket in stalled:
            close = Close.parse(bytes((await websocket.frame(Opcode.CLOSE)).data))
            assert close.code == 1013
            assert close.reason.startswith(f"too slow: {LIMIT + 1} messages, ")
