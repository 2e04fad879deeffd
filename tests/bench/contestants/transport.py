"""Our own transport, and one call that validates the envelope: what a pipeline is measured by."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr
from reactivex import Observable

from rx_realtime.models import Message, Opened
from rx_realtime.transports import websocket
from rx_realtime.wire import Request
from rx_realtime.wire.inngest.envelope import decode_envelope
from tests.bench.contestants.course import Course, run
from tests.bench.contestants.meter import Meter
from tests.bench.contestants.ours import order_of


async def transport(course: Course) -> dict[str, Any]:
    """Take each frame as it comes and decode it."""
    meter = Meter(course.size, course.warm)

    def take(got: Opened | bytes) -> None:
        if isinstance(got, bytes):
            envelope = decode_envelope(got)
            assert isinstance(envelope, Message)
            meter.add(envelope.data["index"])

    url = f"{course.url.replace('http', 'ws', 1)}/v1/realtime/connect"
    frames: Observable[Opened | bytes] = websocket(
        Request(url, token=SecretStr(order_of(course).token))
    )
    subscription = frames.subscribe(take, meter.fail)
    await meter.finished()
    subscription.dispose()
    return meter.result()


if __name__ == "__main__":
    run(transport)
