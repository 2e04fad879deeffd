"""A dev server behind a bad network, and those who listen to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from tenacity import wait_none

import rx_realtime as rxr
from rx_realtime.errors import is_retryable
from rx_realtime.server import DevServer
from rx_realtime.testing import FaultProxy
from rx_realtime.transports import Settings
from tests.watching import Watch

u = rxr.updates

Transport = Literal["websocket", "sse"]
CHANNEL, TOPIC = "pipeline:1", "t"
#: A connection that notices everything within a fraction of a second; on a machine that is busy
#: with something else also what is none.
HURRY = Settings(
    open_timeout=0.25, ping_interval=0.05, pong_timeout=0.1, close_timeout=0.05, idle_timeout=0.25
)


@dataclass
class World:
    server: DevServer
    proxy: FaultProxy

    def token(self, **options: Any) -> Any:
        return self.server.inngest.subscription_token(CHANNEL, [TOPIC], **options)

    def listen(self, **options: Any) -> Watch:
        """Listen, with retries at once."""
        usual: dict[str, Any] = {
            "token": self.token,
            "wait": wait_none(),
            "settings": Settings(close_timeout=0.05),
            "api_base_url": self.proxy.url,
        }
        return Watch(rxr.inngest.subscribe(CHANNEL, [TOPIC], **usual | options))

    async def publish(self, *values: Any) -> None:
        run = self.server.inngest.start_run("demo")
        for value in values:
            await run.publish(TOPIC, value, channel=CHANNEL)

    def send(self, frame: Any) -> None:
        """Send a frame, be it an envelope or not."""
        raw = frame if isinstance(frame, bytes | str) else json.dumps(frame)
        self.server.inngest.send_raw(CHANNEL, raw)

    async def opened(self, watch: Watch, times: int = 1) -> None:
        await watch.until_sort(u.Opened, count=times)
        await self.server.inngest.until_connections(1)

    async def works(self, watch: Watch) -> None:
        """Prove that the connection that is open now delivers."""
        marker = f"marker {len(watch.values)}"
        await self.server.inngest.until_connections(1)
        await self.publish(marker)
        await watch.until(lambda: marker in data(watch))

    @property
    def answers(self) -> list[int]:
        """What subscribers were answered."""
        paths = ("/v1/realtime/connect", "/v1/realtime/sse")
        return [seen.status for seen in self.server.requests if seen.path in paths]


def data(watch: Watch) -> list[Any]:
    return [update.message.data for update in watch.of(u.Received)]


async def reconnected(watch: Watch) -> Any:
    """Wait for a second connection; return the gap, and prove that it is the only one."""
    gap = await watch.until_sort(u.Gap)
    kinds = [type(each) for each in watch.values if not isinstance(each, u.Received)]
    assert kinds == [
        *(u.Connecting, u.Opened, u.Closed, u.Retrying),
        *(u.Connecting, u.Opened, u.Gap),
    ]
    assert gap.since <= gap.until
    assert is_retryable(watch.of(u.Closed)[0].error)
    return gap
