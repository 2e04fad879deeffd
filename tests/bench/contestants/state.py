"""`rt.state`: one state for each message, to one subscriber or to many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import rx_realtime as rxr
from rx_realtime.models import RealtimeState
from tests.bench.contestants.course import Course, run
from tests.bench.contestants.meter import Meter
from tests.bench.contestants.ours import listening

State = RealtimeState[Any]


async def state(course: Course) -> dict[str, Any]:
    """Subscribe, and look at what each state brings."""
    options = course.options
    meter = Meter(course.size, course.warm)
    rt = rxr.inngest.realtime(
        **listening(course),
        history_limit=options.get("history", 100),
        buffer_interval=options.get("buffer", 0.0),
    )
    first = rt.state.subscribe(_look(meter, options), meter.fail)
    others = [rt.state.subscribe(_another, meter.fail) for _ in range(options.get("others", 0))]
    await meter.finished()
    for subscription in (first, *others):
        subscription.dispose()
    return meter.result()


def _look(meter: Meter, options: dict[str, Any]) -> Callable[[State], None]:
    def last(state: State) -> None:
        message = state.messages.last
        if message is not None:
            meter.add(message.data["index"])

    def timed(state: State) -> None:
        if state.messages.last is not None:
            meter.time(state.messages.last.data["at"])
            meter.add(state.messages.last.data["index"])

    def typed(state: State) -> None:
        if state.messages.last is not None:
            meter.add(state.messages.last.data.index)

    def several(state: State) -> None:
        if state.messages.delta is not delivered[-1]:
            delivered[:] = [state.messages.delta]
            for message in state.messages.delta:
                meter.add(message.data["index"])

    delivered: list[Any] = [None]
    if options.get("buffer"):
        return several
    if options.get("model"):
        return typed
    return timed if options.get("rate") else last


def _another(state: State) -> None:
    """Be one more who listens."""


if __name__ == "__main__":
    run(state)
