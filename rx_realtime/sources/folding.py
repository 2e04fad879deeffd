"""One fold of updates: what is known now, and everybody who is told when it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Generic

from reactivex import Observable, abc
from reactivex.disposable import Disposable
from typing_extensions import TypeVar

from ..models import (
    Closed,
    ConnectionStatus,
    Failed,
    RealtimeState,
    Received,
    Update,
    receive,
    reduce_state,
)
from ..operators import Hub, chained, relay
from ..transports import running_loop
from .feed import Feed

__all__ = ["Folding"]

R = TypeVar("R", default=Any)
T = TypeVar("T")


class Folding(Generic[R]):
    """What `Realtime` is a face of: a sequence that is subscribed to while anybody looks.

    Args:
        sequence: the updates.
        seed: the state before the first of them.
        scheduler: takes the place of the event loop's.
    """

    def __init__(
        self,
        sequence: Observable[Update],
        seed: RealtimeState[R],
        scheduler: abc.SchedulerBase | None,
    ) -> None:
        #: The latest state.
        self.current = seed
        #: Whether the sequence is subscribed to.
        self.is_connected = False
        self._is_over = False
        self._seed = seed
        self._scheduler = scheduler
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sequence = sequence
        self._updates = self._shared()
        self._views: dict[str | None, Observable[Any]] = {}

    def forget(self) -> None:
        """Be as new, for the next one who looks."""
        self._is_over = False
        self.current = self._seed

    def home(self) -> asyncio.AbstractEventLoop | None:
        """Return the event loop that carries the sequence, while one does."""
        if self._loop is not None and self._loop.is_closed():
            # Nobody was told, because nobody is left there who could be: begin anew.
            self._loop, self.is_connected = None, False
            self._updates = self._shared()
            self._views.clear()
        return self._loop if self.is_connected else None

    def view(self, name: str | None = None) -> Feed[Any]:
        """Make a feed of one attribute of the state, or of it all: its value now, and each next."""
        see = _whole if name is None else attrgetter(name)

        def subscribe(
            observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            if not (self.is_connected or self._is_over):
                self.current = self._seed
            observer.on_next(see(self.current))
            if self._is_over:
                observer.on_completed()
                return Disposable()
            # Who looks at the same thing shares the looking.
            changes = self._views.get(name)
            if changes is None:
                view = _View(self, self._updates, see)
                changes = self._views[name] = chained(view.subscribe)
            return relay(changes, observer, scheduler=scheduler)

        return self.feed(chained(subscribe))

    def passing(self, operator: Callable[[Observable[Update]], Observable[T]]) -> Feed[T]:
        """Make a feed of what an operator makes of the updates. Nothing is repeated."""

        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            if self._is_over:
                observer.on_completed()
                return Disposable()
            return relay(operator(self._updates), observer, scheduler=scheduler)

        return self.feed(chained(subscribe))

    def feed(self, source: Observable[T]) -> Feed[T]:
        """Make a feed that is carried where the sequence is."""
        return Feed(source, scheduler=self._scheduler, home=self.home)

    def connect(self) -> asyncio.AbstractEventLoop | None:
        """Begin anew, for the first one who looks; return the loop that is to carry it."""
        self._loop = running_loop()
        self.is_connected = True
        self.current = self._seed
        return self._loop

    def disconnect(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Be left by the last one who looked, where nothing else has begun in another loop."""
        if self._loop is loop:
            self.is_connected = False
            if self.current.connection_status in _LIVE:
                self.current = reduce_state(self.current, Closed())

    def finish(self) -> None:
        """Be over: who comes now is told how it ended."""
        self._is_over = True

    def _shared(self) -> Observable[Update]:
        return chained(_Updates(self, self._sequence).subscribe)


class _Updates(Hub[Update]):
    """Folds updates, and tells them: when one is told, the state is the one after it."""

    __slots__ = ("_folding", "_loop")

    def __init__(self, folding: Folding[Any], sequence: Observable[Update]) -> None:
        super().__init__(sequence)
        self._folding = folding

    def connect(self, scheduler: abc.SchedulerBase | None) -> None:
        self._loop = self._folding.connect()
        super().connect(scheduler)

    def disconnect(self) -> None:
        super().disconnect()
        self._folding.disconnect(self._loop)

    def take(self, value: Update) -> None:
        folding = self._folding
        folding.current = reduce_state(folding.current, value)
        super().take(value)

    def lane(self, message: Received) -> None:
        folding = self._folding
        folding.current = receive(folding.current, message)
        for member in self.members:  # as every hub does; a call of it would be one call more
            take = member.take
            try:
                take(message)
            except Exception as error:
                self.leave_out(member, error)

    def fail(self, error: Exception) -> None:
        known = self._folding.current
        if known.error is not error:
            # No connection has said so: an option failed. Every error is shown before it ends us.
            was_open = known.connection_status is ConnectionStatus.OPEN
            self.take(Closed(error) if was_open else Failed(error))
        super().fail(error)

    def complete(self) -> None:
        self._folding.finish()
        super().complete()


class _View(Hub[Any]):
    """Tells what is to be seen, when it is another than before."""

    __slots__ = ("_folding", "_see", "_seen")

    def __init__(
        self,
        folding: Folding[Any],
        updates: Observable[Any],
        see: Callable[[RealtimeState[Any]], Any],
    ) -> None:
        super().__init__(updates)
        self._folding = folding
        self._see = see

    def connect(self, scheduler: abc.SchedulerBase | None) -> None:
        self._seen = self._see(self._folding.current)
        super().connect(scheduler)

    def take(self, value: Update) -> None:
        now, see = self._folding.current, self._see
        if see is not _whole:  # the state itself is what most look at
            now = see(now)
        if now is self._seen:
            return
        self._seen = now
        for member in self.members:  # as above
            take = member.take
            try:
                take(now)
            except Exception as error:
                self.leave_out(member, error)


def _whole(state: RealtimeState[Any]) -> RealtimeState[Any]:
    return state


_LIVE = (ConnectionStatus.CONNECTING, ConnectionStatus.OPEN)
