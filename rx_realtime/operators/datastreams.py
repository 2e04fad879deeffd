"""A stream of streams: what begins and ends inside a topic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from reactivex import Observable, Subject, abc
from reactivex.disposable import CompositeDisposable, Disposable, RefCountDisposable

from ..errors import Incomplete
from ..models import (
    Chunk,
    Closed,
    Failed,
    Paused,
    Reset,
    StreamClosed,
    StreamFailed,
    StreamOpened,
    Topic,
    Update,
    topic_name,
)
from .chain import chained, listen

__all__ = ["Datastream", "datastreams"]

#: How many chunks wait for a first subscriber; a stream with more is one that nobody reads.
WAITING: Final = 10_000
#: How many datastreams may be open; with one more, the end of the oldest counts as lost.
OPEN: Final = 1_000


@dataclass(frozen=True, slots=True)
class Datastream:
    """One datastream.

    Attributes:
        opened: what its beginning said.
        chunks: its pieces, in order. The first subscriber gets all of them, however late it
            comes; another one what is still to come. It completes at the datastream's end, and
            fails with `Incomplete` when it breaks off before that: with the connection, because
            nobody reads, or because a thousand others have begun since.
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

    Who still reads a datastream's chunks keeps the source subscribed, also after leaving here.

    Args:
        topic: only those of this topic; by default all.
    """
    name = None if topic is None else topic_name(topic)

    def _datastreams(source: Observable[Update]) -> Observable[Datastream]:
        def subscribe(
            observer: abc.ObserverBase[Datastream], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            flowing: dict[str, _Flow] = {}
            upstream = CompositeDisposable()
            readers = RefCountDisposable(upstream)

            def break_off(*, but_for_those_that_resume: bool = False) -> None:
                for stream_id, flow in tuple(flowing.items()):
                    if flow.resumes and but_for_those_that_resume:
                        continue
                    if flowing.pop(stream_id, None) is not None:
                        flow.subject.on_error(Incomplete(stream_id))

            def make_room(stream_id: str) -> None:
                """Give up those whose end was lost: else they would be kept for ever."""
                if stream_id not in flowing and len(flowing) == OPEN:
                    stream_id = next(iter(flowing))
                if (lost := flowing.pop(stream_id, None)) is not None:
                    lost.subject.on_error(Incomplete(stream_id))

            def fail(stream_id: str, error: Exception) -> None:
                incomplete = Incomplete(stream_id)
                incomplete.__cause__ = error
                flowing.pop(stream_id).subject.on_error(incomplete)

            def on_next(update: Update) -> None:
                match update:
                    case StreamOpened() if name in (None, update.topic):
                        make_room(update.stream_id)
                        flow = flowing[update.stream_id] = _Flow(update, readers)
                        observer.on_next(Datastream(update, chained(flow.subscribe)))
                    case Chunk(stream_id=stream_id, data=data) if stream_id in flowing:
                        flowing[stream_id].send(data)
                    case StreamClosed(stream_id=stream_id) if stream_id in flowing:
                        flowing.pop(stream_id).subject.on_completed()
                    case StreamFailed(stream_id=stream_id) if stream_id in flowing:
                        fail(stream_id, update.error)
                    case Closed() | Failed():
                        break_off(but_for_those_that_resume=True)
                    case Paused() | Reset():
                        break_off()
                    case _:
                        pass

            def on_error(error: Exception) -> None:
                break_off()
                observer.on_error(error)

            def on_completed() -> None:
                break_off()
                observer.on_completed()

            upstream.add(Disposable(break_off))
            upstream.add(listen(source, on_next, on_error, on_completed, scheduler=scheduler))
            return readers

        return chained(subscribe)

    return _datastreams


class _Flow:
    """The chunks of one datastream: they wait for the first reader, and pass by the others."""

    def __init__(self, opened: StreamOpened, readers: RefCountDisposable) -> None:
        self.resumes = opened.resumes
        self._unread = Incomplete(opened.stream_id)
        self.subject: Subject[Any] = Subject()
        self._readers = readers
        self._waiting: list[Any] | None = []

    def send(self, data: Any) -> None:
        if self._waiting is None:
            self.subject.on_next(data)
        elif len(self._waiting) < WAITING:
            self._waiting.append(data)
        else:
            self._waiting = []
            self.subject.on_error(self._unread)

    def subscribe(
        self, observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        waiting, self._waiting = self._waiting, None
        for data in waiting or ():
            observer.on_next(data)
        return CompositeDisposable(
            self.subject.subscribe(observer, scheduler=scheduler), self._readers.disposable
        )
