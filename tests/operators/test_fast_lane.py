"""A message that takes the fast lane and one that does not end up as the same thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import reactivex as rx
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reactivex import Observable, abc
from reactivex import operators as rx_ops
from reactivex.disposable import CompositeDisposable
from reactivex.scheduler import VirtualTimeScheduler

from rx_realtime import ops
from rx_realtime.errors import ConnectionLost, NotAuthorized
from rx_realtime.models import (
    Closed,
    Draining,
    Message,
    Opened,
    Paused,
    PauseReason,
    Received,
    RunChanged,
    RunStatus,
    Update,
)
from rx_realtime.operators import chained, fast_lane

Script = list[tuple[int, Update | Exception | None]]
Operator = Callable[[Observable[Update]], Observable[Update]]


def message(number: int) -> Update:
    return Received(Message("c", "t", number))


# Few different ones, so that two connections often say the same.
UPDATES: st.SearchStrategy[Update | Exception | None] = st.one_of(
    st.integers(0, 2).map(message),
    st.sampled_from(
        [
            Opened(),
            Closed(),
            Draining(),
            Paused(PauseReason.HIDDEN),
            RunChanged(RunStatus.RUNNING),
            RunChanged(RunStatus.COMPLETED),
        ]
    ),
    st.sampled_from([ConnectionLost(1006), NotAuthorized(401), None]),
)
SCRIPTS: st.SearchStrategy[Script] = st.lists(
    st.tuples(st.integers(1, 3), UPDATES), min_size=1, max_size=12
)


def pauses() -> Observable[PauseReason | None]:
    return rx.concat(rx.of(None), rx.timer(5).pipe(rx_ops.map(lambda _: PauseReason.HIDDEN)))


# A server that drains: the replacement opens, and both connections deliver the same message.
BOTH_SAY_THE_SAME: Script = [
    (1, Opened()),
    (1, Draining()),
    (1, Opened()),
    (2, message(1)),
    (1, message(1)),
]

OPERATORS: dict[str, Callable[[], Operator]] = {
    "buffered_messages": lambda: ops.buffered_messages(2.0),
    "buffered_messages that change": lambda: ops.buffered_messages(rx.of(0.0, 2.0, 0.0)),
    "concluded": lambda: ops.concluded(Closed()),
    "handover": lambda: ops.handover(1.0, wait=[1.0, 1.0]),
    "joined_by": lambda: ops.joined_by(rx.timer(4).pipe(rx_ops.map(message))),
    "joined_by until": lambda: ops.joined_by(
        rx.timer(4).pipe(rx_ops.map(message)), until=lambda update: update == message(1)
    ),
    "mark_gaps": ops.mark_gaps,
    "reconnect": lambda: ops.reconnect([1.0, 2.0, 3.0]),
    "reconnect that asks for more": lambda: ops.reconnect(
        [1.0, 2.0, 3.0], proves=lambda update: update == message(1)
    ),
    "refreshed": ops.refreshed,
    "refreshed with what accepts": lambda: ops.refreshed(
        accepts=lambda update: isinstance(update, Opened | Received)
    ),
    "until_terminal": ops.until_terminal,
    "until_terminal of one's own": lambda: ops.until_terminal(lambda update: update == message(2)),
    "while_active": lambda: ops.while_active(pauses(), announce=Paused),
}


@pytest.mark.parametrize("make", OPERATORS.values(), ids=OPERATORS.keys())
@settings(max_examples=50)
@given(script=SCRIPTS)
@example(script=BOTH_SAY_THE_SAME)
def test_the_fast_lane_is_a_shortcut_and_nothing_else(
    make: Callable[[], Operator], script: Script
) -> None:
    assert said(make(), script, by_lane=True) == said(make(), script, by_lane=False)


def said(operator: Operator, script: Script, *, by_lane: bool) -> list[Any]:
    """What comes out, and when. A source that is subscribed to again goes on in its script."""
    clock, seen, rest = VirtualTimeScheduler(), list[Any](), iter(script)

    def subscribe(
        observer: abc.ObserverBase[Update], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        take = fast_lane(observer) if by_lane else observer.on_next
        timers = CompositeDisposable()

        def advance(*_: Any) -> None:
            wait, step = next(rest, (0, None))
            if not timers.is_disposed and wait:
                timers.add(clock.schedule_relative(wait / 4, lambda *_: tell(step)))

        def tell(step: Update | Exception | None) -> None:
            match step:
                case None:
                    observer.on_completed()
                case Exception():
                    observer.on_error(step)
                case Received():
                    take(step)
                    advance()
                case _:
                    observer.on_next(step)
                    advance()

        advance()
        return timers

    def note(what: Any) -> None:
        seen.append((clock.now, what))

    chained(subscribe).pipe(operator).subscribe(note, note, lambda: note("|"), scheduler=clock)
    clock.advance_to(100.0)
    return seen
