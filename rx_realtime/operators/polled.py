"""From tokens to updates, question by question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc

from ..models import SubscriptionToken, Update
from ..wire import Request, Wire
from .answered import answered
from .one_by_one import one_by_one

__all__ = ["polled"]

In = TypeVar("In")
W = TypeVar("W", bound=Wire[Any])


def polled(
    wire: W,
    asks: Observable[Callable[[Request], Observable[In]]],
    *,
    rested: Callable[[W], W] = lambda wire: wire,
    scheduler: abc.SchedulerBase | None = None,
) -> Callable[[Observable[SubscriptionToken]], Observable[Update]]:
    """Ask what the wire wants to know, again and again, and say what the answers mean as updates.

    What `resumed` is for connections that stay open, for those that are made of questions: the
    last wire is kept, so that subscribing again goes on where the last subscription stood. The
    connection counts as open from the first answer that is understood, and ends where an answer
    cannot be.

    Args:
        wire: where to begin.
        asks: delivers what puts a question, and completes with the answer to it; for as long as
            it is subscribed to, connections may be kept.
        rested: what the wire becomes when its subscriber went away, or fell asleep.
        scheduler: where questions are spread out.

    Returns:
        An operator on tokens. It adds `Connecting` before, and `Closed` or `Failed` when the
        connection ends, which is always an error.
    """
    answers = answered(wire, asks, rested=rested, scheduler=scheduler)

    def _polled(tokens: Observable[SubscriptionToken]) -> Observable[Update]:
        return tokens.pipe(answers, one_by_one())

    return _polled
