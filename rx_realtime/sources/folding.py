"""One fold of updates: what is known now, and everybody who is told when it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Generic

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable
from typing_extensions import TypeVar

from ..models import (
    Closed,
    ConnectionStatus,
    RealtimeState,
    Received,
    Update,
    receive,
    reduce_state,
)
from ..operators import chained, listen, relay, shared
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
        self._folded = self._fold(sequence)
        self._updates = self._folded.pipe(shared())
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
            self._updates = self._folded.pipe(shared())
            self._views.clear()
        return self._loop if self.is_connected else None

    def view(self, name: str | None = None) -> Feed[Any]:
        """Make a feed of one attribute of the state, or of it all: its value now, and each next."""
        see: Callable[[RealtimeState[R]], Any] = attrgetter(name) if name else _everything

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
                changes = self._views[name] = self._changes(see).pipe(shared())
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

    def _fold(self, sequence: Observable[Update]) -> Observable[Update]:
        """Fold the updates from the first subscriber's coming to the last one's leaving.

        When an update comes out, `current` is the state after it.
        """

        def subscribe(
            observer: abc.ObserverBase[Update], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            loop = self._loop = running_loop()
            self.is_connected = True
            self.current = self._seed

            on_folded = observer.on_next

            def on_next(update: Update) -> None:
                self.current = reduce_state(self.current, update)
                on_folded(update)

            def on_message(received: Received) -> None:
                self.current = receive(self.current, received)
                on_folded(received)

            def on_completed() -> None:
                self._is_over = True
                observer.on_completed()

            def left() -> None:
                if self._loop is not loop:
                    return
                self.is_connected = False
                if self.current.connection_status in _LIVE:
                    self.current = reduce_state(self.current, Closed())

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

    def _changes(self, see: Callable[[RealtimeState[R]], T]) -> Observable[T]:
        """Deliver what is to be seen each time it is another than before."""

        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            seen = see(self.current)
            on_changed = observer.on_next

            def on_next(_: Update) -> None:
                nonlocal seen
                now = see(self.current)
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


def _everything(state: RealtimeState[Any]) -> RealtimeState[Any]:
    return state


_LIVE = (ConnectionStatus.CONNECTING, ConnectionStatus.OPEN)
