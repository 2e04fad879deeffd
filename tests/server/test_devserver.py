from __future__ import annotations

import json

import httpx2
from websockets.asyncio.client import connect

from rx_realtime.server import DevServer
from rx_realtime.wire.inngest.address import CONNECT_PATH, PUBLISH_PATH, join, websocket_url


async def test_a_subscriber_sees_what_is_published_and_how_the_run_ends(server: DevServer):
    token = server.inngest.subscription_token("pipeline:1", ["status"])
    url = websocket_url(join(server.url, CONNECT_PATH))
    header = {"authorization": f"Bearer {token.key.get_secret_value()}"}
    async with (
        httpx2.AsyncClient(base_url=server.url, trust_env=False) as http,
        connect(url, additional_headers=header, proxy=None) as websocket,
    ):
        where = {"channel": "pipeline:1", "topic": "status"}
        await http.post(PUBLISH_PATH, params=where, json={"step": 1})
        run = server.inngest.start_run("demo", channel="pipeline:1")
        await run.publish("status", {"step": 2})
        await run.complete("done")
        frames = [json.loads(await websocket.recv()) for _ in range(4)]
        assert [(frame["kind"], frame["data"]) for frame in frames] == [
            ("data", {"step": 1}),
            ("run", {"status": "running"}),
            ("data", {"step": 2}),
            ("run", {"status": "completed", "result": "done"}),
        ]
        shown = (await http.get(f"/v1/runs/{run.id}")).json()["data"]
        assert (shown["status"], shown["output"]) == ("Completed", "done")
