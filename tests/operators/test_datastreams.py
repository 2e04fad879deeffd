"""What marbles cannot draw: streams inside streams, read late, by several, or by nobody."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from reactivex import Subject

import rx_realtime as rxr
from rx_realtime.models import Chunk, Closed, StreamClosed, StreamOpened, Update
from rx_realtime.operators import Datastream, datastreams
from rx_realtime.operators.datastreams import OPEN, WAITING

OPENED = StreamOpened("s", "c", "answer")


class Reader:
    def __init__(self, stream: Datastream) -> None:
        self.read: list[Any] = []
        self.end: Exception | str | None = None
        self.leave = stream.chunks.subscribe(self.read.append, self._fail, self._finish).dispose

    def _fail(self, error: Exception) -> None:
        self.end = error

    def _finish(self) -> None:
        self.end = "completed"


@pytest.fixture
def source() -> Subject[Update]:
    return Subject()


def first_of(source: Subject[Update]) -> tuple[Datastream, Any]:
    streams: list[Datastream] = []
    subscription = source.pipe(datastreams("answer")).subscribe(streams.append)
    source.on_next(OPENED)
    return streams[0], subscription


def chunks(*texts: str) -> list[Update]:
    return [Chunk("s", "answer", text) for text in texts]


def send(source: Subject[Update], *updates: Update) -> None:
    for update in updates:
        source.on_next(update)


def test_the_first_reader_gets_every_chunk_however_late_it_comes(source: Subject[Update]) -> None:
    stream, _ = first_of(source)
    send(source, *chunks("a", "b"))
    reader = Reader(stream)
    send(source, *chunks("c"), StreamClosed("s", "answer"))
    assert reader.read == ["a", "b", "c"]
    assert reader.end == "completed"


def test_a_reader_who_comes_after_the_end_gets_everything_too(source: Subject[Update]) -> None:
    stream, _ = first_of(source)
    send(source, *chunks("a"), StreamClosed("s", "answer"))
    reader = Reader(stream)
    assert (reader.read, reader.end) == (["a"], "completed")


def test_a_second_reader_gets_what_is_still_to_come(source: Subject[Update]) -> None:
    stream, _ = first_of(source)
    send(source, *chunks("a"))
    one, two = Reader(stream), Reader(stream)
    send(source, *chunks("b"))
    assert (one.read, two.read) == (["a", "b"], ["b"])


def test_a_stream_that_breaks_off_fails_after_what_came_of_it(source: Subject[Update]) -> None:
    stream, _ = first_of(source)
    send(source, *chunks("a"), Closed(rxr.ConnectionLost(1006)))
    reader = Reader(stream)
    assert reader.read == ["a"]
    assert isinstance(reader.end, rxr.Incomplete)
    assert reader.end.stream_id == "s"


def test_who_reads_a_stream_keeps_it_flowing_after_its_stream_of_streams_is_left(
    source: Subject[Update],
) -> None:
    stream, subscription = first_of(source)
    reader = Reader(stream)
    subscription.dispose()
    send(source, *chunks("a"), StreamClosed("s", "answer"))
    assert (reader.read, reader.end) == (["a"], "completed")
    assert source.observers == []


def test_a_stream_that_nobody_reads_breaks_off_when_its_stream_of_streams_is_left(
    source: Subject[Update],
) -> None:
    stream, subscription = first_of(source)
    send(source, *chunks("a"))
    subscription.dispose()
    assert source.observers == []
    reader = Reader(stream)
    assert reader.read == ["a"]
    assert isinstance(reader.end, rxr.Incomplete)


def test_a_stream_that_nobody_reads_keeps_a_bounded_number_of_chunks(
    source: Subject[Update],
) -> None:
    stream, _ = first_of(source)
    send(source, *chunks(*"x" * (WAITING + 1)))
    reader = Reader(stream)
    assert reader.read == []
    assert isinstance(reader.end, rxr.Incomplete)


def test_where_the_ends_of_streams_are_lost_the_oldest_make_room(source: Subject[Update]) -> None:
    streams: list[Datastream] = []
    source.pipe(datastreams("answer")).subscribe(streams.append)
    for number in range(OPEN):
        source.on_next(replace(OPENED, stream_id=f"s{number}"))
    oldest, second = Reader(streams[0]), Reader(streams[1])
    assert oldest.end is None
    source.on_next(replace(OPENED, stream_id="one more"))
    assert isinstance(oldest.end, rxr.Incomplete)
    assert second.end is None


def test_a_stream_that_begins_again_breaks_off_the_one_of_its_id(source: Subject[Update]) -> None:
    streams: list[Datastream] = []
    source.pipe(datastreams("answer")).subscribe(streams.append)
    send(source, OPENED, *chunks("a"), OPENED, *chunks("b"))
    first, again = (Reader(stream) for stream in streams)
    assert first.read == ["a"]
    assert isinstance(first.end, rxr.Incomplete)
    assert again.read == ["b"]
    assert again.end is None
