"""From a feed of runs to what its answers say: the walk of one answer, as one pipe.

An answer may be about a thousand runs. It goes through the pipe as one value, so that what makes a
connection costs nothing of each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from msgspec import Struct
from reactivex import Observable, abc
from reactivex.scheduler import TimeoutScheduler
from tenacity.stop import stop_after_attempt, stop_base, stop_never

from ...errors import NotFound, is_retryable
from ...models import CaughtUp, Opened, RowDeleted, RunChanged, SubscriptionToken, Update
from ...operators import Wait, answered, deferred, reconnect, refreshed, woken
from ...transports import Ask, Settings, polling
from ...wire.shape import ShapeWire
from ..options import at_once
from ..retrying import retrying

__all__ = ["Carrier", "Retries", "Transport", "answers_of"]

#: A transport by name, or anything that puts a question and completes with its answer.
Transport: TypeAlias = Literal["poll"] | Ask
#: What an answer says, or one thing about the connection.
_Said: TypeAlias = tuple[Update, ...]


class Retries(Struct, frozen=True):
    """Whether and how a broken connection comes back.

    Attributes:
        wait: the waits; as a function it is asked before each, so that they may change.
        max_attempts: how many attempts may fail in a row; None is forever.
        wait_for_run: seconds for which the server may not know what was asked for yet.
    """

    reconnect: bool
    wait: Wait | Callable[[], Wait]
    max_attempts: int | None = None
    wait_for_run: float = 10.0

    @property
    def stop(self) -> stop_base:
        """When to give up."""
        return stop_never if self.max_attempts is None else stop_after_attempt(self.max_attempts)


class Carrier(Struct, frozen=True):
    """What carries questions and answers."""

    transport: Transport
    settings: Settings

    def asking(self, url: str) -> Observable[Ask]:
        """Deliver what asks the server of this URL."""
        return polling(url, self.settings) if self.transport == "poll" else at_once(self.transport)


def answers_of(
    wire: ShapeWire,
    tokens: Observable[SubscriptionToken],
    *,
    carrier: Carrier,
    retries: Retries,
) -> Observable[_Said]:
    """Follow some runs, for as long as it is subscribed to: deliver what each answer says.

    It ends only with an error that no attempt can heal. Who leaves and comes back goes on where
    it stood: this is for one subscriber.
    """
    answers = tokens.pipe(
        answered(wire, carrier.asking(wire.url), rested=ShapeWire.rested),
        refreshed(accepts=_opens),
    )
    if not retries.reconnect:
        return answers

    def lasting(scheduler: abc.SchedulerBase | None) -> Observable[_Said]:
        return answers.pipe(
            woken(),
            reconnect(
                retries.wait,
                stop=retries.stop,
                retry_if=_patience(retries.wait_for_run, scheduler),
                proves=_proves,
                opens=_opens,
                announce=_retrying,
            ),
        )

    return deferred(lasting)


def _patience(
    seconds: float, scheduler: abc.SchedulerBase | None
) -> Callable[[BaseException], bool]:
    """Judge errors; what is not there yet is waited for, where the server says that it may come."""
    clock = scheduler or TimeoutScheduler.singleton()
    began = clock.now

    def is_worth_it(error: BaseException) -> bool:
        if isinstance(error, NotFound):
            left = seconds - (clock.now - began).total_seconds()
            return error.should_retry is True and left > 0
        return is_retryable(error)

    return is_worth_it


def _opens(said: _Said) -> bool:
    return type(said[0]) is Opened  # it comes alone


def _proves(said: _Said) -> bool:
    """Rows prove that a connection works; that it opened, or that it failed, does not."""
    return any(type(update) in _ROWS for update in said)


def _retrying(attempt: int, wait: float, error: Exception) -> _Said:
    return (retrying(attempt, wait, error),)


_ROWS: Final = frozenset({RunChanged, RowDeleted, CaughtUp})
