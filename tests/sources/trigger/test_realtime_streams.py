"""A run and its streams in one `Realtime`, under virtual time."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel
from reactivex.subject import BehaviorSubject

import rx_realtime as rxr
from rx_realtime.models import Chunk, Retrying, StreamClosed, StreamFailed, StreamOpened
from tests.virtual_streams import Body, World, batch, line, record
from tests.virtual_trigger import RUN, done, row, rows

trigger = rxr.trigger


class Part(BaseModel):
    text: str


Ai = trigger.streams.define("ai", Part)
Log = trigger.streams.define("log", str)


def realtime(world: World, **options: Any) -> rxr.Realtime[Any]:
    given = {"scheduler": world.clock, "stream_transport": world.connect, **world.options}
    return trigger.realtime(RUN, **{**given, **options})


def of(world: World, name: str) -> Body:
    """The latest connection of a stream."""
    return [body for body in world.bodies if body.request.url.endswith(f"/{name}")][-1]


def test_streams_are_topics_of_the_run() -> None:
    world = World()
    rt = realtime(world, streams=[Ai, Log])
    messages, events = world.watch(rt.on(Ai)), world.watch(rt.events)
    assert world.bodies == []  # before the run is known
    world.start()
    of(world, "ai").open().send(batch(record(0, {"text": "Hel"}), record(1, {"text": "lo"})))
    of(world, "log").open().send(line("1-0", "begun"))
    assert [message.data for message in messages.values] == [Part(text="Hel"), Part(text="lo")]
    assert {message.run_id for message in messages.values} == {RUN}
    assert rt.current.messages.by_topic[Log].data == "begun"
    assert rt.current.connection_status == "open"
    assert [chunk.topic for chunk in events.of(Chunk)] == ["ai", "ai", "log"]


def test_a_stream_is_read_as_a_whole_and_survives_what_happens_to_connections() -> None:
    world = World()
    rt = realtime(world, streams=[Ai])
    streams = world.watch(rt.streams(Ai))
    world.start()
    world.body.open()
    read, ends = list[Any](), list[str]()
    (stream,) = streams.values
    stream.chunks.subscribe(read.append, on_completed=lambda: ends.append("end"))
    world.body.send(batch(record(0, {"text": "a"})))
    world.body.break_off()
    world.say(rxr.ConnectionLost(reason="reset"))  # the run's own connection
    world.wait(6)
    world.body.open().send(batch(record(1, {"text": "b"})))
    world.say(rows(row(), done()))
    world.body.open().close()
    assert [part.text for part in read] == ["a", "b"]
    assert ends == ["end"]


def test_when_the_run_is_over_its_streams_are_read_to_their_end() -> None:
    """Case 62."""
    world = World()
    rt = realtime(world, streams=["ai"])
    seen = world.watch(rt.events)
    world.start()
    world.body.open().send(batch(record(0, "a")))
    world.finish()
    assert rt.current.run_status == "completed"  # that is told at once
    assert not seen.is_over
    world.body.open().send(batch(record(1, "b"))).close()
    world.wait(1)
    assert not seen.is_over
    world.wait(300)  # as long as something comes
    world.body.open().send(batch(record(2, "c")))
    world.wait(5)
    world.body.close()
    world.wait(1)
    world.body.open().close()
    assert [chunk.data for chunk in seen.of(Chunk)] == ["a", "b", "c"]
    assert seen.of(StreamClosed) == [StreamClosed("ai", "ai")]
    assert seen.is_over
    assert rt.current.connection_status == "closed"


def test_streams_are_discovered_as_the_run_announces_them() -> None:
    """Case 61."""
    world = World()
    rt = realtime(world, with_streams=True, streams=[Ai])
    seen = world.watch(rt.events)
    world.start()
    assert len(world.bodies) == 1
    metadata = '{"$$streams":["old","ai"],"progress":1}'
    world.say(rows(row(at=1, realtimeStreams="{ai,log}", metadata=metadata)))
    world.say(rows(row(at=2, realtimeStreams="{ai,log}", metadata=metadata)))
    names = [body.request.url.rsplit("/", 1)[1] for body in world.bodies]
    assert names == ["ai", "log", "old"]
    of(world, "ai").open().send(batch(record(0, {"text": "a"})))
    assert seen.of(Chunk)[0].data == Part(text="a")
    assert len(seen.of(StreamOpened)) == 1


@pytest.mark.parametrize("metadata", ["null", "[]", '"x"', '{"$$streams":7}', '{"$$streams":[1]}'])
def test_whatever_the_metadata_holds_it_announces_streams_or_none(metadata: str) -> None:
    """Case 61."""
    world = World()
    rt = realtime(world, with_streams=True)
    seen = world.watch(rt.events)
    world.say(rows(row(metadata=metadata)))
    assert world.bodies == []
    assert seen.error is None


def test_a_stream_that_cannot_be_read_costs_only_itself() -> None:
    """Case 61."""
    world = World()
    rt = realtime(world, streams=[Ai, Log])
    seen, streams = world.watch(rt.events), world.watch(rt.streams(Log))
    world.start()
    of(world, "ai").break_off(rxr.NotFound(404))
    of(world, "log").open()
    of(world, "log").send(line("1-0", "on")).break_off(rxr.Refused(410))
    assert [(each.topic, type(each.error)) for each in seen.of(StreamFailed)] == [
        ("ai", rxr.NotFound),
        ("log", rxr.Refused),
    ]
    failed = list[Exception]()
    streams.values[0].chunks.subscribe(on_error=failed.append)
    assert isinstance(failed[0], rxr.Incomplete)
    assert rt.current.connection_status == "open"
    world.finish()
    assert rt.current.run_status == "completed"
    assert seen.is_over


def test_that_a_server_ends_a_body_is_no_trouble_and_that_it_breaks_is() -> None:
    world = World()
    seen = world.watch(realtime(world, streams=["ai"]).events)
    world.start()
    world.body.open().send(batch(record(0, "a"))).close()
    world.wait(1)
    assert seen.of(Retrying) == []
    world.body.open().break_off()
    assert len(seen.of(Retrying)) == 1


def test_a_pause_leaves_streams_and_goes_on_where_they_stopped() -> None:
    world, enabled = World(), BehaviorSubject(True)
    rt = realtime(world, streams=["ai"], enabled=enabled)
    seen = world.watch(rt.events)
    world.start()
    world.body.open().send(batch(record(0, "a")))
    enabled.on_next(False)
    assert not world.open_bodies
    enabled.on_next(True)
    world.wait(1)
    world.start()
    assert world.body.after == "0"
    world.body.open().send(batch(record(1, "b")))
    assert [chunk.data for chunk in seen.of(Chunk)] == ["a", "b"]


def test_who_leaves_leaves_the_streams() -> None:
    world = World()
    rt = realtime(world, streams=["ai"])
    seen = world.watch(rt.events)
    world.start()
    seen.leave()
    assert not world.open_bodies
    assert not world.pending


def test_two_streams_of_one_name_are_refused() -> None:
    with pytest.raises(rxr.OptionError):
        realtime(World(), streams=[Ai, trigger.streams.define("ai", str)])


def test_more_streams_than_can_be_read_at_once_are_not_left_out_in_silence() -> None:
    world = World()
    rt = realtime(world, streams=[f"s{number}" for number in range(101)])
    seen = world.watch(rt.events)
    world.start()
    assert len(world.bodies) == 100
    assert [each.topic for each in seen.of(StreamFailed)] == ["s100"]
