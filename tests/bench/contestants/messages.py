"""Messages only, without a state: by callback, or by `async for`."""

from __future__ import annotations

from typing import Any

import rx_realtime as rxr
from rx_realtime.models import Message, Received, Update
from tests.bench.contestants.course import Course, run
from tests.bench.contestants.meter import Meter
from tests.bench.contestants.ours import listening
from tests.bench.sender.orders import TOPIC


async def messages(course: Course) -> dict[str, Any]:
    """Take each message of one topic, in the form that `form` names."""
    meter = Meter(course.size, course.warm)
    match course.options["form"]:
        case "subscribe":
            return await _updates(course, meter)
        case "on":
            return await _callback(course, meter)
        case _:
            return await _iterated(course, meter)


async def _updates(course: Course, meter: Meter) -> dict[str, Any]:
    def take(update: Update) -> None:
        if isinstance(update, Received):
            meter.add(update.message.data["index"])

    updates = rxr.inngest.subscribe(**listening(course))
    subscription = updates.subscribe(take, meter.fail)
    await meter.finished()
    subscription.dispose()
    return meter.result()


async def _callback(course: Course, meter: Meter) -> dict[str, Any]:
    def take(message: Message[Any]) -> None:
        meter.add(message.data["index"])

    rt = rxr.inngest.realtime(**listening(course))
    subscription = rt.on(TOPIC).subscribe(take, meter.fail)
    await meter.finished()
    subscription.dispose()
    return meter.result()


async def _iterated(course: Course, meter: Meter) -> dict[str, Any]:
    rt = rxr.inngest.realtime(**listening(course))
    # Room for a reader who never gets behind: what is measured is the way through, not its loss.
    async with rt.on(TOPIC).iterate(buffer=1 << 16) as received:
        async for message in received:
            meter.add(message.data["index"])
            if meter.done.is_set():
                break
    return meter.result()


if __name__ == "__main__":
    run(messages)
