"""A stream of streams: what begins and ends inside a topic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import reactivex as rx
from reactivex import Observable, Subject, abc

from ..errors import Incomplete
from ..models import (
    Chunk,
    Closed,
    Failed,
    Paused,
    Reset,
    StreamClosed,
    StreamOpened,
    Topic,
    Update,
    topic_name,
)

__all__ = ["Datastream", "datastreams"]


@dataclass(frozen=True, slots=True)
class Datastream:
    """One datastream.

    Attributes:
        opened: what its beginning said.
        chunks: its pieces, in order. Hot: subscribe when the datastream is delivered, or miss
            what has passed. It completes at the datastream's end, and fails with `Incomplete`
            when the connection breaks off before that.
    """

    opened: StreamOpened
    chunks: Observable[Any] = field(repr=False)

    @property
    def stream_id(self) -> str:
        """The id that its chunks carry on the wire."""
        return self.opened.stream_id

    @property
    def topic(self) -> str:
        """The topic it was published on."""
        return self.opened.topic


def datastreams(
    topic: Topic[Any] | str | None = None,
) -> Callable[[Observable[Update]], Observable[Datastream]]:
    """Deliver each datastream when it begins.

    Args:
        topic: only those of this topic; by default all.
    """
    name = None if topic is None else topic_name(topic)

    def _datastreams(source: Observable[Update]) -> Observable[Datastream]:
        def subscribe(
            observer: abc.ObserverBase[Datastream], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            flowing: dict[str, Subject[Any]] = {}

            def break_off() -> None:
                broken = dict(flowing)
                flowing.clear()
                for stream_id, chunks in broken.items():
                    chunks.on_error(Incomplete(stream_id))

            def on_next(update: Update) -> None:
                match update:
                    case StreamOpened() if name in (None, update.topic):
                        chunks = flowing[update.stream_id] = Subject[Any]()
                        observer.on_next(Datastream(update, chunks))
                    case Chunk(stream_id=stream_id, data=data) if stream_id in flowing:
                        flowing[stream_id].on_next(data)
                    case StreamClosed(stream_id=stream_id) if stream_id in flowing:
                        flowing.pop(stream_id).on_completed()
                    case Closed() | Failed() | Paused() | Reset():
                        break_off()
                    case _:
                        pass

            def on_error(error: Exception) -> None:
                break_off()
                observer.on_error(error)

            def on_completed() -> None:
                break_off()
                observer.on_completed()

            return source.subscribe(on_next, on_error, on_completed, scheduler=scheduler)

        return rx.create(subscribe)

    return _datastreams
