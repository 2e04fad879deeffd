"""Who listens to what, and who is told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Literal

from ...wire.inngest.claims import TopicAddress
from ..courier import Rounds
from ..outbox import Frame, Outbox

__all__ = ["Hub", "Subscriber"]


class Subscriber:
    """One connection, as the publishing side sees it.

    Attributes:
        env: the environment of its token; commands that name none mean this one.
        topics: what it listens to. Change it through the `Hub`.
    """

    def __init__(self, env: str, outbox: Outbox, kind: Literal["websocket", "sse"]) -> None:
        self.env = env
        self.outbox = outbox
        self.kind = kind
        self.topics: set[TopicAddress] = set()


class Hub:
    """Brings each frame to all who listen, and waits for none of them.

    Attributes:
        rounds: in which what waits for websockets is delivered.
    """

    def __init__(self) -> None:
        self.rounds = Rounds()
        # Dicts and not sets: all are told in the order they came, every time.
        self._subscribers: dict[Subscriber, None] = {}
        self._by_topic: defaultdict[TopicAddress, dict[Subscriber, None]] = defaultdict(dict)
        # What of each channel anybody listens to.
        self._by_channel = defaultdict[tuple[str, str | None], dict[TopicAddress, None]](dict)
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        """Who is connected now, in the order they came."""
        return tuple(self._subscribers)

    def join(self, subscriber: Subscriber, topics: Iterable[TopicAddress]) -> None:
        """Begin to tell a subscriber what is published on these topics."""
        self._subscribers[subscriber] = None
        self.listen(subscriber, topics)

    def leave(self, subscriber: Subscriber) -> None:
        """Tell it nothing any more."""
        self._subscribers.pop(subscriber, None)
        self.ignore(subscriber, tuple(subscriber.topics))

    def listen(self, subscriber: Subscriber, topics: Iterable[TopicAddress]) -> None:
        """Add topics; those it listens to already stay as they are."""
        for topic in topics:
            subscriber.topics.add(topic)
            self._by_topic[topic][subscriber] = None
            self._by_channel[topic[:2]][topic] = None
        self._notify()

    def ignore(self, subscriber: Subscriber, topics: Iterable[TopicAddress]) -> None:
        """Remove topics."""
        for topic in topics:
            subscriber.topics.discard(topic)
            listeners = self._by_topic[topic]
            listeners.pop(subscriber, None)
            if not listeners:
                self._forget(topic)
        self._notify()

    def publish(self, topic: TopicAddress, *frames: Frame) -> None:
        """Tell everyone who listens to the topic."""
        for subscriber in tuple(self._by_topic.get(topic, ())):
            for frame in frames:
                subscriber.outbox.put(frame)

    def publish_to_channel(self, env: str, channel: str, frame: Frame) -> None:
        """Tell everyone who listens to any topic of the channel, once each."""
        listeners = dict[Subscriber, None]()
        for topic in self._by_channel.get((env, channel), ()):
            listeners |= self._by_topic[topic]
        for subscriber in listeners:
            subscriber.outbox.put(frame)

    def broadcast(self, frame: Frame) -> None:
        """Tell everyone."""
        for subscriber in self.subscribers:
            subscriber.outbox.put(frame)

    async def until(self, predicate: Callable[[], bool]) -> None:
        """Wait until the predicate holds; it is asked whenever somebody comes, goes or changes."""
        if predicate():
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append((predicate, waiter))
        await waiter

    def _forget(self, topic: TopicAddress) -> None:
        del self._by_topic[topic]
        topics = self._by_channel[topic[:2]]
        topics.pop(topic, None)
        if not topics:
            del self._by_channel[topic[:2]]

    def _notify(self) -> None:
        still = list[tuple[Callable[[], bool], asyncio.Future[None]]]()
        for predicate, waiter in self._waiting:
            if not waiter.done() and not predicate():
                still.append((predicate, waiter))
            elif not waiter.done():
                waiter.set_result(None)
        self._waiting = still
