"""Our own transport, and one call of pydantic for each frame: what a pipeline is measured by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import SecretStr, TypeAdapter
from reactivex import Observable

from rx_realtime.models import Opened
from rx_realtime.transports import websocket
from rx_realtime.wire import Request
from tests.bench.contestants.course import Course, run
from tests.bench.contestants.meter import Meter
from tests.bench.contestants.ours import order_of, settings_of


@dataclass(frozen=True, slots=True)
class Envelope:
    """As much of a message as a user would ask for."""

    kind: Literal["data"]
    channel: str
    topic: str
    created_at: datetime
    run_id: str
    data: Any


_ENVELOPE: Final[TypeAdapter[Envelope]] = TypeAdapter(Envelope)


async def transport(course: Course) -> dict[str, Any]:
    """Take each frame as it comes and decode it."""
    meter = Meter(course.size, course.warm)

    def take(got: Opened | bytes) -> None:
        if isinstance(got, bytes):
            meter.add(_ENVELOPE.validate_json(got).data["index"])

    url = f"{course.url.replace('http', 'ws', 1)}/v1/realtime/connect"
    frames: Observable[Opened | bytes] = websocket(
        Request(url, token=SecretStr(order_of(course).token)), settings_of(course)
    )
    subscription = frames.subscribe(take, meter.fail)
    await meter.finished()
    subscription.dispose()
    return meter.result()


if __name__ == "__main__":
    run(transport)
