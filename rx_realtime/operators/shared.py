"""One subscription for many subscribers, who cannot harm each other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from reactivex import Observable, abc
from reactivex import operators as ops

from ._slot import Slot
from .chain import chained, listen, relay

__all__ = ["Hub", "latest", "shared"]

T = TypeVar("T")
_log = logging.getLogger("rx_realtime")


def shared() -> Callable[[Observable[T]], Observable[T]]:
    """Subscribe once, with the first subscriber; leave with the last.

    The meaning of `share`, with two differences. A subscriber that raises is told so by its own
    `on_error`, logged and left out, and the others get every value: with a `Subject` the next
    subscriber never sees it. And the list of subscribers is copied when it changes, not locked
    when it is read: a value costs a tenth.

    After an end or an error the next subscriber begins anew.
    """

    def _shared(source: Observable[T]) -> Observable[T]:
        return chained(Hub(source).subscribe)

    return _shared


class Member(abc.DisposableBase):
    """A subscriber, and how it leaves."""

    __slots__ = ("_hub", "observer", "take")

    def __init__(self, hub: Hub[Any], observer: abc.ObserverBase[Any]) -> None:
        self._hub = hub
        self.observer = observer
        self.take = observer.on_next

    def dispose(self) -> None:
        self._hub.leave(self)


class Hub(Generic[T]):
    """Who is subscribed, and the subscription that they share."""

    __slots__ = ("_connection", "_membership", "_source", "members")

    def __init__(self, source: Observable[T]) -> None:
        self._source = source
        self.members: tuple[Member, ...] = ()
        self._connection = Slot()
        self._membership = threading.RLock()

    def subscribe(
        self, observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        """Tell one more, until what is returned is disposed."""
        member = Member(self, observer)
        with self._membership:
            self.members = (*self.members, member)
            is_first = len(self.members) == 1
        if is_first:
            self.connect(scheduler)
        return member

    def connect(self, scheduler: abc.SchedulerBase | None) -> None:
        """Listen to the source, for the first one who comes."""
        listen(
            self._source,
            self.take,
            self.fail,
            self.complete,
            scheduler=scheduler,
            lane=self.lane,
            into=self._connection,
        )

    def disconnect(self) -> None:
        """Leave the source, with the last one who leaves, or at its end."""
        self._connection.empty()

    def leave(self, member: Member) -> None:
        """Take a member out; with the last one the connection is left."""
        with self._membership:
            was = self.members
            self.members = tuple(each for each in was if each is not member)
            if was and not self.members:
                self.disconnect()

    def take(self, value: T) -> None:
        """Tell all."""
        for member in self.members:
            take = member.take
            try:
                take(value)
            except Exception as error:
                self.leave_out(member, error)

    def lane(self, message: Any) -> None:
        """Tell all a message."""
        self.take(message)

    def leave_out(self, member: Member, error: Exception) -> None:
        """Go on without a member that raised; it is told why."""
        _log.error("a subscriber raised and is left out", exc_info=error)
        self.leave(member)
        try:
            member.observer.on_error(error)
        except Exception:
            _log.debug("it has no on_error", exc_info=True)

    def fail(self, error: Exception) -> None:
        """Tell all that it has failed."""
        self._end(lambda each: each.on_error(error))

    def complete(self) -> None:
        """Tell all that it is over."""
        self._end(lambda each: each.on_completed())

    def _end(self, end: Callable[[abc.ObserverBase[T]], None]) -> None:
        with self._membership:
            left, self.members = self.members, ()
            self.disconnect()
        for member in left:
            try:
                end(member.observer)
            except Exception as error:
                _log.error("a subscriber raised at the end", exc_info=error)


def latest() -> Callable[[Observable[T]], Observable[T]]:
    """Share, and tell a late subscriber the latest value at once.

    The meaning of `replay(1)` and `ref_count`, without its queue: nobody waits for a scheduler.
    """

    def _latest(source: Observable[T]) -> Observable[T]:
        known: list[T] = []

        def know(value: T) -> None:
            known[:] = [value]

        hub = source.pipe(ops.do_action(know), ops.finally_action(known.clear), shared())

        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            for value in tuple(known):
                observer.on_next(value)
            return relay(hub, observer, scheduler=scheduler)

        return chained(subscribe)

    return _latest
