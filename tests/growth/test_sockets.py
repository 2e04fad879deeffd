"""Over real sockets nothing is left behind either: no task, timer, file or thread, no object."""

from __future__ import annotations

from typing import Any

import pytest
from reactivex import Subject
from tenacity import wait_none

import rx_realtime as rxr
from rx_realtime.server import DevServer
from tests.growth.census import check_growth_in_the_loop

CHANNEL, TOPICS = "pipeline:1", ["status"]


async def open_again(statuses: rxr.Iteration[rxr.ConnectionStatus]) -> None:
    """Wait until the connection is open, beginning with what has not been seen yet."""
    async for status in statuses:
        if status is rxr.ConnectionStatus.OPEN:
            return


async def test_dozens_of_reconnects_leave_nothing_behind(server: DevServer):
    rt = rxr.inngest.realtime(CHANNEL, TOPICS, api_base_url=server.url, wait=wait_none())

    async def reconnect(_: int) -> None:
        await open_again(statuses)
        await server.inngest.until_connections(1)
        server.faults.drop()
        await server.inngest.until_connections(0)

    async with rt.connection_status.iterate() as statuses:
        await check_growth_in_the_loop(reconnect, 60)


async def test_dozens_of_keys_leave_nothing_behind(server: DevServer):
    keys = Subject[object]()
    rt = rxr.inngest.realtime(CHANNEL, TOPICS, api_base_url=server.url, key=keys)

    async def change(_: int) -> None:
        keys.on_next(object())
        await open_again(statuses)
        await server.inngest.until_connections(1)

    async with rt, rt.connection_status.iterate() as statuses:
        await check_growth_in_the_loop(change, 60)


@pytest.mark.parametrize("transport", ["websocket", "sse"])
async def test_dozens_of_connections_that_are_left_again_leave_nothing_behind(
    server: DevServer, transport: Any
):
    rt = rxr.inngest.realtime(CHANNEL, TOPICS, api_base_url=server.url, transport=transport)

    async def come_and_go(_: int) -> None:
        async with rt:
            await server.inngest.until_connections(1)
        await server.inngest.until_connections(0)

    await check_growth_in_the_loop(come_and_go, 60)


async def test_dozens_of_followers_of_a_run_and_its_stream_leave_nothing_behind(server: DevServer):
    run = server.trigger.start_run("render")
    await run.set_status("EXECUTING")
    token, url = server.trigger.secret_key, server.url

    async def come_and_go(_: int) -> None:
        rt = rxr.trigger.realtime(run.id, streams=["ai"], token=token, api_base_url=url)
        async with rt.run_status.iterate() as statuses:
            async for status in statuses:
                if status is rxr.RunStatus.RUNNING:
                    return

    await check_growth_in_the_loop(come_and_go, 60)
