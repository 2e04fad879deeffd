"""A run and its streams, as one sequence of updates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, SingleAssignmentDisposable
from reactivex.subject import BehaviorSubject

from ...errors import ConnectionLost, OptionError
from ...models import (
    Chunk,
    Closed,
    Connecting,
    Failed,
    Message,
    Opened,
    Received,
    Retrying,
    Run,
    RunChanged,
    StreamFailed,
    Update,
)
from ...operators import chained, listen

__all__ = ["ReadStream", "with_streams"]

#: Reads one of the run's streams; its second argument tells whether the run is over.
ReadStream: TypeAlias = Callable[[str, Observable[bool]], Observable[Update]]

#: How many streams of one run are read at once.
MOST: Final = 100


def with_streams(
    run_id: str, names: Iterable[str], read: ReadStream, *, discover: bool
) -> Callable[[Observable[Update]], Observable[Update]]:
    """Add what a run's streams say to what the run says.

    Streams are read from when the run is first seen: before, the server may not know it yet. Each
    chunk is a `Chunk`, and a message on the topic of the stream's name. A stream that cannot be
    read is a `StreamFailed`, and costs only itself; of its connection nothing is said. When the
    run is over, the sequence ends when nothing is left in its streams.

    Args:
        run_id: which run.
        names: streams to read, whether the run has announced them or not.
        read: reads one.
        discover: whether to read those that the run announces, too.
    """
    begun = dict[str, Observable[Update]]()  # kept: one that is left and read again goes on
    closed = set[str]()
    over: BehaviorSubject[bool] = BehaviorSubject(False)
    wanted = list(dict.fromkeys(names))

    def _with_streams(source: Observable[Update]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            whole, run = CompositeDisposable(), SingleAssignmentDisposable()
            whole.add(run)
            open_ = set[str]()
            is_over = False

            def on_next(update: Update) -> None:
                observer.on_next(update)
                if whole.is_disposed or not isinstance(update, RunChanged):
                    return
                if update.is_terminal:
                    over.on_next(True)
                found = _announced(update.data) if discover else ()
                for name in (*wanted, *found):
                    if name not in open_ and name not in closed:
                        open_stream(name)

            def open_stream(name: str) -> None:
                if len(open_) >= MOST:
                    closed.add(name)
                    error = OptionError(f"at most {MOST} streams of one run are read at once")
                    observer.on_next(StreamFailed(name, name, error))
                    return
                open_.add(name)
                place = SingleAssignmentDisposable()
                whole.add(place)

                def ended(error: Exception | None = None) -> None:
                    whole.remove(place)
                    open_.discard(name)
                    closed.add(name)
                    if error is not None:
                        observer.on_next(StreamFailed(name, name, error))
                    if is_over and not open_:
                        observer.on_completed()

                try:
                    updates = begun.get(name) or begun.setdefault(name, read(name, over))
                except Exception as error:
                    ended(error)
                    return
                place.disposable = listen(updates, on_stream, ended, ended, scheduler=scheduler)

            def on_stream(update: Update) -> None:
                if isinstance(update, Chunk):
                    observer.on_next(Received(_message(run_id, update)))
                if not (_is_of_its_connection(update) or whole.is_disposed):
                    observer.on_next(update)

            def on_error(error: Exception) -> None:
                whole.dispose()
                observer.on_error(error)

            def on_completed() -> None:
                nonlocal is_over
                is_over = True
                if not open_:
                    observer.on_completed()

            for name in tuple(begun):  # the run is known: of itself it may have nothing new to say
                if name not in closed:
                    open_stream(name)
            run.disposable = listen(source, on_next, on_error, on_completed, scheduler=scheduler)
            return whole

        return chained(subscribe)

    return _with_streams


def _is_of_its_connection(update: Update) -> bool:
    """Whether it says nothing about the run. That a server ended a body is no trouble, either."""
    if isinstance(update, Retrying):
        return isinstance(update.error, ConnectionLost) and update.error.is_clean
    return isinstance(update, Connecting | Opened | Closed | Failed)


def _announced(run: Any) -> tuple[str, ...]:
    """Return the streams that a run says it has; older servers say it in its metadata."""
    if not isinstance(run, Run):
        return ()
    try:
        old = _OLD.validate_python(run.metadata).streams
    except ValidationError:
        old = []
    return tuple(dict.fromkeys((*run.realtime_streams, *old)))


class _Old(BaseModel):
    streams: list[str] = Field([], alias="$$streams")


_OLD: Final = TypeAdapter(_Old)


def _message(run_id: str, chunk: Chunk) -> Message[Any]:
    return Message(run_id, chunk.topic, chunk.data, chunk.at, run_id)
