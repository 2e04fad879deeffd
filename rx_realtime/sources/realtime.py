"""The hook, as observables: one fold of updates, and its projections."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Generic, Self, overload

from reactivex import Observable, Subject, abc
from reactivex import operators as ops
from reactivex.disposable import CompositeDisposable, Disposable, SerialDisposable
from typing_extensions import TypeVar

from ..models import (
    Closed,
    ConnectionStatus,
    History,
    Limited,
    Message,
    Messages,
    PauseReason,
    RealtimeState,
    Received,
    RunStatus,
    Topic,
    Update,
    receive,
    reduce_state,
)
from ..operators import (
    Datastream,
    buffered_messages,
    chained,
    datastreams,
    deferred,
    joined_by,
    listen,
    on_topic,
    relay,
    shared,
)
from ..transports import running_loop
from .feed import Feed
from .options import Duration, Option, as_seconds, brought_here, seconds

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
        self._seed: RealtimeState[R] = RealtimeState(messages=Messages(all=history))
        self._current = self._seed
        self._resets: Subject[object] = Subject()
        self._scheduler = scheduler
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connected = self._over = False
        self._held = SerialDisposable()
        self._is_held = False
        sequence = deferred(lambda _: updates(self._resets))
        if isinstance(history_limit, Observable):
            limits = brought_here(history_limit).pipe(ops.map(_limited))
            sequence = sequence.pipe(joined_by(limits))
        if isinstance(buffer_interval, Observable) or as_seconds(buffer_interval):
            sequence = sequence.pipe(buffered_messages(seconds(buffer_interval)))
        self._folded = self._fold(sequence)
        self._updates = self._folded.pipe(shared())
        self._views: dict[str | None, Observable[Any]] = {}

    # ── the views ─────────────────────────────────────────────────────────────────────────────

    @property
    def current(self) -> RealtimeState[R]:
        """The latest state, read at once."""
        return self._current

    @property
    def state(self) -> Feed[RealtimeState[R]]:
        """Everything that is known, as one frozen value, each time it changes."""
        return self._view()

    @property
    def connection_status(self) -> Feed[ConnectionStatus]:
        """Where the connection stands."""
        return self._view("connection_status")

    @property
    def run_status(self) -> Feed[RunStatus]:
        """Where the run stands. A run that publishes is running."""
        return self._view("run_status")

    @property
    def messages(self) -> Feed[Messages]:
        """The messages: the last of each topic, the history, the last, and the latest delivery."""
        return self._view("messages")

    @property
    def result(self) -> Feed[R | None]:
        """What the run returned; None until it has. `await rt.result` waits for the end."""
        return self._view("result")

    @property
    def error(self) -> Feed[Exception | None]:
        """The last failure; None again when the connection opens."""
        return self._view("error")

    @property
    def pause_reason(self) -> Feed[PauseReason | None]:
        """Why nothing is connected although there is a channel."""
        return self._view("pause_reason")

    @property
    def is_paused(self) -> Feed[bool]:
        """Whether nothing is connected because we do not want it to be."""
        return self._view("is_paused")

    # ── what passes by ────────────────────────────────────────────────────────────────────────

    @property
    def events(self) -> Feed[Update]:
        """Every update as it happens, gaps, retries and invalid data too. Nothing is repeated."""
        return self._passing(lambda updates: updates)

    @overload
    def on(self, topic: Topic[T]) -> Feed[Message[T]]: ...
    @overload
    def on(self, topic: str) -> Feed[Message[Any]]: ...
    def on(self, topic: Topic[Any] | str) -> Feed[Message[Any]]:
        """Return the messages of one topic: every one, once, never buffered."""
        return self._passing(on_topic(topic))

    def streams(self, topic: Topic[Any] | str | None = None) -> Feed[DatastreamFeed]:
        """Return the datastreams of one topic, or of all, each when it begins.

        Their chunks are feeds, too: `async for text in stream.chunks`.
        """

        def at_home(stream: Datastream) -> DatastreamFeed:
            chunks = Feed(stream.chunks, scheduler=self._scheduler, home=self._home)
            return DatastreamFeed(stream.opened, chunks)

        streams = ops.map(at_home)
        return self._passing(lambda updates: updates.pipe(datastreams(topic), streams))

    # ── control ───────────────────────────────────────────────────────────────────────────────

    def reset(self) -> None:
        """Forget messages, result, error and run status.

        A connection stays. What has ended, because the run is over, begins again: for who holds it
        open at once, for others with the next subscriber.
        """
        loop = self._home()
        if loop is not None and loop is not running_loop():
            loop.call_soon_threadsafe(self.reset)
        elif self._connected:
            self._resets.on_next(None)
        else:
            self._over = False
            self._current = self._seed
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

    # ── how it works ──────────────────────────────────────────────────────────────────────────

    def _fold(self, sequence: Observable[Update]) -> Observable[Update]:
        """Fold the updates from the first subscriber's coming to the last one's leaving.

        When an update comes out, `current` is the state after it.
        """

        def subscribe(
            observer: abc.ObserverBase[Update], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            loop = self._loop = running_loop()
            self._connected = True
            self._current = self._seed

            on_folded = observer.on_next

            def on_next(update: Update) -> None:
                self._current = reduce_state(self._current, update)
                on_folded(update)

            def on_message(received: Received) -> None:
                self._current = receive(self._current, received)
                on_folded(received)

            def on_completed() -> None:
                self._over = True
                observer.on_completed()

            def left() -> None:
                if self._loop is not loop:
                    return
                self._connected = False
                if self._current.connection_status in _LIVE:
                    self._current = reduce_state(self._current, Closed())

            source = listen(
                sequence,
                on_next,
                observer.on_error,
                on_completed,
                scheduler=scheduler,
                lane=on_message,
            )
            return CompositeDisposable(source, Disposable(left))

        return chained(subscribe)

    def _view(self, name: str | None = None) -> Feed[Any]:
        """Make a feed of one attribute of the state, or of it all: its value now, and each next."""
        see: Callable[[RealtimeState[R]], Any] = attrgetter(name) if name else _everything

        def subscribe(
            observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            if not (self._connected or self._over):
                self._current = self._seed
            observer.on_next(see(self._current))
            if self._over:
                observer.on_completed()
                return Disposable()
            # Who looks at the same thing shares the looking.
            changes = self._views.get(name)
            if changes is None:
                changes = self._views[name] = self._changes(see).pipe(shared())
            return relay(changes, observer, scheduler=scheduler)

        return Feed(chained(subscribe), scheduler=self._scheduler, home=self._home)

    def _changes(self, see: Callable[[RealtimeState[R]], T]) -> Observable[T]:
        """Deliver what is to be seen each time it is another than before."""

        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            seen = see(self._current)
            on_changed = observer.on_next

            def on_next(_: Update) -> None:
                nonlocal seen
                now = see(self._current)
                if now is not seen:
                    seen = now
                    on_changed(now)

            return listen(
                self._updates,
                on_next,
                observer.on_error,
                observer.on_completed,
                scheduler=scheduler,
            )

        return chained(subscribe)

    def _passing(self, operator: Callable[[Observable[Update]], Observable[T]]) -> Feed[T]:
        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            if self._over:
                observer.on_completed()
                return Disposable()
            return relay(operator(self._updates), observer, scheduler=scheduler)

        return Feed(chained(subscribe), scheduler=self._scheduler, home=self._home)

    def _home(self) -> asyncio.AbstractEventLoop | None:
        if self._loop is not None and self._loop.is_closed():
            # Nobody was told, because nobody is left there who could be: begin anew.
            self._loop, self._connected = None, False
            self._updates = self._folded.pipe(shared())
            self._views.clear()
        return self._loop if self._connected else None

    def _hold(self) -> None:
        self._is_held = True
        self._held.disposable = self.events.subscribe(on_error=_said_elsewhere)


def _limited(limit: int | None) -> Update:
    empty: History[object] = History(limit=limit)  # where a limit that is none is refused
    return Limited(empty.limit)


def _everything(state: RealtimeState[Any]) -> RealtimeState[Any]:
    return state


_LIVE = (ConnectionStatus.CONNECTING, ConnectionStatus.OPEN)


def _said_elsewhere(error: Exception) -> None:
    # Holding a connection open is no interest in its errors: `state` and the other views have it.
    _log.debug("a held connection failed: %s", error)
