"""A stream of a run as updates: the walk of one record, as one pipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from reactivex import Observable, Subject, abc
from reactivex.disposable import CompositeDisposable, SerialDisposable, SingleAssignmentDisposable
from reactivex.scheduler import TimeoutScheduler
from reactivex.subject import BehaviorSubject
from tenacity import RetryCallState, wait_exponential, wait_random
from tenacity.stop import stop_after_attempt, stop_base, stop_never
from tenacity.wait import wait_base

from ...errors import Forbidden, NotAuthorized, Refused, is_retryable
from ...models import (
    Chunk,
    Opened,
    StreamClosed,
    StreamOpened,
    SubscriptionToken,
    Update,
)
from ...operators import Wait, chained, concluded, fast_lane, listen, reconnect, refreshed
from ...transports import Settings, sse
from ...wire import Request
from ...wire.trigger.streams import StreamWire
from ..retrying import opens, retrying
from .gate import Gate
from .reading import Connect, reading

__all__ = ["STREAM_SETTINGS", "Reading", "StreamTransport", "patient", "read_stream"]

#: A transport by name, or anything that opens a request and delivers `Opened` and then bytes.
StreamTransport: TypeAlias = Literal["sse"] | Connect

#: A server may take its time before it answers, and a record may be large.
STREAM_SETTINGS: Final = Settings(open_timeout=30.0, max_size=16 * 1024 * 1024)

#: What is no better a moment later. Everything else that a server may answer is tried again.
_FINAL: Final = frozenset({400, 401, 403, 404, 409, 410, 422})


@dataclass(frozen=True)
class Reading:
    """How a stream is read.

    Attributes:
        gate: stands before each piece of a body, where a reader may fall behind.
        max_attempts: how many attempts may fail in a row; None is forever.
        idle: seconds without a record after which nothing more is waited for.
    """

    transport: StreamTransport = "sse"
    settings: Settings = STREAM_SETTINGS
    wait: Wait | Callable[[], Wait] | None = None
    max_attempts: int | None = None
    idle: float | None = None
    gate: Gate | None = None

    def connect(self, request: Request) -> Observable[Opened | bytes]:
        """Open a request."""
        if self.transport == "sse":
            return sse(request, self.settings, gate=self.gate)
        return self.transport(request)

    def is_held(self) -> bool:
        """Whether nothing comes because our reader is behind."""
        return self.gate is not None and self.gate.is_closed

    @property
    def stop(self) -> stop_base:
        """When to give up."""
        return stop_never if self.max_attempts is None else stop_after_attempt(self.max_attempts)


def patient(settings: Settings) -> Settings:
    """Return settings that are at least as generous as streams need."""
    return replace(
        settings,
        open_timeout=max(settings.open_timeout, STREAM_SETTINGS.open_timeout),
        max_size=max(settings.max_size, STREAM_SETTINGS.max_size),
    )


class _StreamWaits(wait_base):
    """The vendor's waits: 100 ms, and twice as long each time, to 5 s.

    A random part of up to a half is left out, so that clients do not come back in step.
    """

    _doubling = wait_exponential(multiplier=0.1, max=5.0)
    _part = wait_random(0.5, 1.0)

    def __call__(self, retry_state: RetryCallState) -> float:
        return self._doubling(retry_state) * self._part(retry_state)


def read_stream(
    wire: StreamWire,
    tokens: Observable[SubscriptionToken],
    *,
    how: Reading,
    over: Observable[Any],
    run_id: str,
) -> Observable[Update]:
    """Read a stream until nothing is left of it, or it cannot be read any further.

    Subscribing again goes on where the last subscription stood: who wants a reader for each
    subscriber makes one for each.

    Args:
        wire: where to begin.
        tokens: deliver one for each attempt.
        how: how it is read.
        over: speaks when the run is over. Its failure says nothing.
        run_id: whose stream.
    """
    name = wire.topic.name
    opened = StreamOpened(name, run_id, name, run_id, resumes=True)
    closed: Update = StreamClosed(name, name)
    ends: BehaviorSubject[bool] = BehaviorSubject(False)
    return tokens.pipe(
        reading(wire, how.connect, ends, is_held=how.is_held),
        refreshed(accepts=_proves, refuses=(NotAuthorized, Forbidden)),
        reconnect(
            how.wait or _StreamWaits(),
            stop=how.stop,
            retry_if=_is_worth_it,
            proves=_proves,
            opens=opens,
            announce=retrying,
        ),
        _begun_and_ended(opened, over, how.idle, ends, how.is_held),
        concluded(closed),
    )


def _begun_and_ended(
    opened: StreamOpened,
    over: Observable[Any],
    idle: float | None,
    ends: Subject[bool],
    is_held: Callable[[], bool],
) -> Callable[[Observable[Update]], Observable[Update]]:
    """Say when the stream can be read first, and find out when nothing more will be written."""

    def __begun_and_ended(source: Observable[Update]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or TimeoutScheduler.singleton()
            timer, asking = SerialDisposable(), SingleAssignmentDisposable()
            heard, is_begun = clock.now, False

            def look(*_: Any) -> None:
                nonlocal heard
                assert idle is not None
                if is_held():  # it is our reader who is silent
                    heard = clock.now
                left = idle - (clock.now - heard).total_seconds()
                if left > 0:
                    timer.disposable = clock.schedule_relative(left, look)
                else:
                    ends.on_next(True)

            def on_next(update: Update) -> None:
                nonlocal is_begun
                if isinstance(update, Chunk):
                    on_chunk(update)
                    return
                observer.on_next(update)
                if not is_begun and isinstance(update, Opened):
                    is_begun = True
                    observer.on_next(opened)

            hand_on = fast_lane(observer)

            def on_chunk(chunk: Any) -> None:
                nonlocal heard
                heard = clock.now
                hand_on(chunk)

            def unknown(_: Exception) -> None:
                pass  # then only silence can end it

            if idle is not None:
                timer.disposable = clock.schedule_relative(idle, look)
            reading_ = SingleAssignmentDisposable()
            whole = CompositeDisposable(reading_, asking, timer)
            asking.disposable = over.subscribe(
                lambda _: ends.on_next(True), unknown, scheduler=scheduler
            )

            def on_error(error: Exception) -> None:
                whole.dispose()
                observer.on_error(error)

            def on_completed() -> None:
                whole.dispose()
                observer.on_completed()

            reading_.disposable = listen(
                source,
                on_next,
                on_error,
                on_completed,
                scheduler=scheduler,
                lane=hand_on if idle is None else on_chunk,
            )
            return whole

        return chained(subscribe)

    return __begun_and_ended


def _is_worth_it(error: BaseException) -> bool:
    if isinstance(error, Refused):
        return error.status not in _FINAL
    return is_retryable(error)


def _proves(update: Update) -> bool:
    """A record proves that a connection works; that it opened, or that it failed, does not."""
    return isinstance(update, Chunk)
