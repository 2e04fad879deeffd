"""The hook, as observables: one fold of updates, and its projections."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Self, overload

from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import SerialDisposable
from typing_extensions import TypeVar

from ..models import (
    ConnectionStatus,
    History,
    Limited,
    Message,
    Messages,
    PauseReason,
    RealtimeState,
    RunStatus,
    Topic,
    Update,
)
from ..operators import (
    Datastream,
    buffered_messages,
    datastreams,
    deferred,
    joined_by,
    on_topic,
)
from ..transports import running_loop
from .feed import Feed
from .folding import Folding
from .options import Duration, Option, as_seconds, brought_here, seconds
from .resets import Resets

__all__ = ["DatastreamFeed", "Realtime"]

R = TypeVar("R", default=Any)
T = TypeVar("T")
_log = logging.getLogger("rx_realtime")


@dataclass(frozen=True, slots=True)
class DatastreamFeed(Datastream):
    """A datastream whose chunks can be iterated and awaited."""

    chunks: Feed[Any] = field(repr=False)


class Realtime(Generic[R]):
    """A channel of a run, live: its connection, its status, its messages and its result.

    Every attribute is a `Feed`: subscribe to it, iterate over it, or await it. Cold until used:
    the first subscriber to any of them connects, the last to leave disconnects; `with rt:` or
    `async with rt:` holds it open. Each view delivers its latest value to a late subscriber.

    All complete when the run is over, unless what is listened to may still change. An error that
    no attempt can heal, such as a token that is not accepted, is an error of each; `state` has
    shown it before.

    Made by a source such as `inngest.realtime`.

    Args:
        updates: makes the sequence of updates; its argument emits at each `reset()`.
        history_limit: how many messages `messages.all` keeps; None all.
        buffer_interval: seconds between two deliveries to `messages`; 0 delivers each at once.
        scheduler: takes the place of the event loop's, as virtual time does in tests.
    """

    def __init__(
        self,
        updates: Callable[[Observable[object]], Observable[Update]],
        *,
        history_limit: Option[int | None] = 100,
        buffer_interval: Option[Duration] = 0.0,
        scheduler: abc.SchedulerBase | None = None,
    ) -> None:
        limit = 100 if isinstance(history_limit, Observable) else history_limit
        history: History[Message[Any]] = History(limit=limit)
        seed: RealtimeState[R] = RealtimeState(messages=Messages(all=history))
        self._resets = Resets()
        self._held = SerialDisposable()
        self._is_held = False
        sequence = deferred(lambda _: updates(self._resets.asked))
        if isinstance(history_limit, Observable):
            limits = brought_here(history_limit).pipe(ops.map(_limited))
            sequence = sequence.pipe(joined_by(limits))
        if isinstance(buffer_interval, Observable) or as_seconds(buffer_interval):
            sequence = sequence.pipe(buffered_messages(seconds(buffer_interval)))
        self._folding = Folding(sequence, seed, scheduler)

    # ── the views ─────────────────────────────────────────────────────────────────────────────

    @property
    def current(self) -> RealtimeState[R]:
        """The latest state, read at once."""
        return self._folding.current

    @property
    def state(self) -> Feed[RealtimeState[R]]:
        """Everything that is known, as one frozen value, each time it changes."""
        return self._folding.view()

    @property
    def connection_status(self) -> Feed[ConnectionStatus]:
        """Where the connection stands."""
        return self._folding.view("connection_status")

    @property
    def run_status(self) -> Feed[RunStatus]:
        """Where the run stands. A run that publishes is running."""
        return self._folding.view("run_status")

    @property
    def messages(self) -> Feed[Messages]:
        """The messages: the last of each topic, the history, the last, and the latest delivery."""
        return self._folding.view("messages")

    @property
    def result(self) -> Feed[R | None]:
        """What the run returned; None until it has. `await rt.result` waits for the end."""
        return self._folding.view("result")

    @property
    def error(self) -> Feed[Exception | None]:
        """The last failure; None again when the connection opens."""
        return self._folding.view("error")

    @property
    def pause_reason(self) -> Feed[PauseReason | None]:
        """Why nothing is connected although there is a channel."""
        return self._folding.view("pause_reason")

    @property
    def is_paused(self) -> Feed[bool]:
        """Whether nothing is connected because we do not want it to be."""
        return self._folding.view("is_paused")

    # ── what passes by ────────────────────────────────────────────────────────────────────────

    @property
    def events(self) -> Feed[Update]:
        """Every update as it happens, gaps, retries and invalid data too. Nothing is repeated."""
        return self._folding.passing(lambda updates: updates)

    @overload
    def on(self, topic: Topic[T]) -> Feed[Message[T]]: ...
    @overload
    def on(self, topic: str) -> Feed[Message[Any]]: ...
    def on(self, topic: Topic[Any] | str) -> Feed[Message[Any]]:
        """Return the messages of one topic: every one, once, never buffered."""
        return self._folding.passing(on_topic(topic))

    def streams(self, topic: Topic[Any] | str | None = None) -> Feed[DatastreamFeed]:
        """Return the datastreams of one topic, or of all, each when it begins.

        Their chunks are feeds, too: `async for text in stream.chunks`.
        """

        def at_home(stream: Datastream) -> DatastreamFeed:
            return DatastreamFeed(stream.opened, self._folding.feed(stream.chunks))

        streams = ops.map(at_home)
        return self._folding.passing(lambda updates: updates.pipe(datastreams(topic), streams))

    # ── control ───────────────────────────────────────────────────────────────────────────────

    def reset(self) -> None:
        """Forget messages, result, error and run status.

        A connection stays. What has ended, because the run is over, begins again: for who holds it
        open at once, for others with the next subscriber.
        """
        loop = self._folding.home()
        if loop is not None and loop is not running_loop():
            loop.call_soon_threadsafe(self.reset)
        elif self._folding.is_connected:
            self._resets.ask()
        else:
            self._folding.forget()
            if self._is_held:
                self._hold()

    def __enter__(self) -> Self:
        self._hold()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_held = False
        self._held.disposable = None

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()

    def _hold(self) -> None:
        self._is_held = True
        self._held.disposable = self.events.subscribe(on_error=_said_elsewhere)


def _limited(limit: int | None) -> Update:
    empty: History[object] = History(limit=limit)  # where a limit that is none is refused
    return Limited(empty.limit)


def _said_elsewhere(error: Exception) -> None:
    # Holding a connection open is no interest in its errors: `state` and the other views have it.
    _log.debug("a held connection failed: %s", error)
