"""Streams of runs: what is delivered, where reading goes on, and when it is over.

The numbers are those of the table of cases that CONTRIBUTING.md describes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

import rx_realtime as rxr
from rx_realtime.models import (
    Chunk,
    Closed,
    Gap,
    Invalid,
    Opened,
    Retrying,
    StreamClosed,
    StreamControl,
    StreamOpened,
)
from rx_realtime.sources.trigger.streaming import STREAM_SETTINGS
from tests.virtual_streams import PING, World, batch, data, line, record
from tests.virtual_trigger import RUN

streams = rxr.trigger.streams


def opened(**options: Any) -> tuple[World, Any]:
    """A world with a stream that is read, of a run that executes."""
    world = World()
    seen = world.read(**options)
    world.start()
    world.body.open()
    return world, seen


def reconnected(world: World) -> None:
    """The next connection is there."""
    before = len(world.bodies)
    world.wait(6)
    assert len(world.bodies) == before + 1
    world.body.open()


# ── what is delivered ─────────────────────────────────────────────────────────────────────────


def test_records_are_delivered_in_the_order_of_the_log() -> None:
    """Case 47."""
    world, seen = opened()
    world.body.send(batch(record(1, "b"), record(0, "a"), record(2, {"c": 1})))
    assert data(seen) == ["a", "b", {"c": 1}]
    assert [chunk.id for chunk in seen.of(Chunk)] == ["0", "1", "2"]
    assert seen.of(Chunk)[2].at == datetime.fromtimestamp(2, UTC)
    assert [each.topic for each in seen.of(StreamOpened)] == ["ai"]


def test_a_record_that_comes_too_early_waits_for_those_before_it() -> None:
    world, seen = opened()
    world.body.send(batch(record(0, "a")), batch(record(2, "c")))
    assert data(seen) == ["a"]
    world.body.send(batch(record(1, "b")))
    assert data(seen) == ["a", "b", "c"]
    assert not seen.of(Gap)


@pytest.mark.parametrize("end", ["keepalive", "many", "end of the body"])
def test_records_that_the_server_no_longer_keeps_are_a_gap(end: str) -> None:
    world, seen = opened()
    world.body.send(batch(record(0, "a")), batch(record(7, "h")))
    match end:
        case "keepalive":
            world.body.send(PING)
        case "many":
            world.body.send(batch(*(record(number, "…") for number in range(8, 73))))
        case _:
            world.body.close()
    assert data(seen)[:2] == ["a", "h"]
    moments = [datetime.fromtimestamp(seconds, UTC) for seconds in (0, 7)]
    assert seen.of(Gap) == [Gap("trimmed", *moments)]


def test_a_line_is_json_or_else_text() -> None:
    """Case 48."""
    world, seen = opened()
    world.body.send(line("1700000000000-0", "Hel"), b"id: 1700000000001-0\ndata: lo {\n\n")
    world.body.send(b": ping\n\n", PING, b"id: 1700000000001-1\ndata: <<CLOSE_STREAM>>\n\n")
    assert data(seen) == ["Hel", "lo {"]
    assert seen.of(Chunk)[0].id == "1700000000000-0"
    assert seen.of(Chunk)[0].at == datetime.fromtimestamp(1_700_000_000, UTC)


def test_lines_that_were_stored_together_share_an_id_and_all_count() -> None:
    world, seen = opened()
    world.body.send(line("1-3", "a"), line("1-3", "b")).break_off()
    reconnected(world)
    assert world.body.after == "1-2"  # after 1-3 the rest of them would be lost
    world.body.send(line("1-3", "a"), line("1-3", "b"), line("1-3", "c"), line("2-0", "d"))
    assert data(seen) == ["a", "b", "c", "d"]
    world.body.break_off()
    reconnected(world)
    assert world.body.after == f"1-{2**64 - 1}"
    world.body.send(line("2-0", "d"), line("2-0", "e"))
    assert data(seen) == ["a", "b", "c", "d", "e"]


def test_what_a_broken_connection_had_delivered_is_not_delivered_again() -> None:
    """Case 49."""
    world, seen = opened()
    world.body.send(batch(record(0, "a", part="p0"), record(1, "b", part="p1"))).break_off()
    reconnected(world)
    assert world.body.after == "1"
    world.body.send(batch(record(1, "b", part="p1"), record(2, "a", part="p0"), record(3, "d")))
    assert data(seen) == ["a", "b", "d"]


def test_a_torn_record_is_delivered_once_and_whole() -> None:
    """Case 49."""
    world, seen = opened()
    whole = batch(record(0, "a"))
    world.body.send(whole[:50]).break_off()
    assert data(seen) == []
    reconnected(world)
    assert world.body.after is None
    world.body.send(whole[:50], whole[50:])
    assert data(seen) == ["a"]


def test_commands_and_control_records_are_no_data_and_are_not_asked_for_again() -> None:
    """Case 50."""
    world, seen = opened()
    command = record(1, None, headers=[["", "trim"]], body="AAAA")
    control = record(2, None, headers=[["trigger-control", "turn-complete"], ["x", "y"]], body="")
    world.body.send(batch(record(0, "a"), command, control)).break_off()
    assert data(seen) == ["a"]
    headers = (("trigger-control", "turn-complete"), ("x", "y"))
    assert seen.of(StreamControl) == [StreamControl("ai", "ai", "turn-complete", headers)]
    reconnected(world)
    assert world.body.after == "2"


@pytest.mark.parametrize("value", [0, False, "", None, [], {}])
def test_whatever_is_nothing_to_python_is_something_to_us(value: object) -> None:
    """Case 51."""
    world, seen = opened()
    world.body.send(batch(record(0, value), record(1, value)))
    assert data(seen) == [value, value]


@pytest.mark.parametrize("body", ["{", "3", '"text"', '{"id":"x"}', "[" * 100_000])
def test_a_malformed_record_is_reported_and_passed(body: str) -> None:
    """Case 51."""
    world, seen = opened()
    world.body.send(batch(record(0, None, body=body), record(1, "b"))).break_off()
    assert data(seen) == ["b"]
    assert len(seen.of(Invalid)) == 1
    reconnected(world)
    assert world.body.after == "1"


def test_an_event_that_holds_no_records_costs_only_itself() -> None:
    world, seen = opened()
    world.body.send(b"event: batch\ndata: {\n\n", b"event: news\ndata: x\n\n", line("1-0", "a"))
    assert len(seen.of(Invalid)) == 1
    assert data(seen) == ["a"]


class Part(BaseModel):
    text: str


def test_chunks_are_of_the_streams_type_and_what_does_not_fit_is_reported() -> None:
    world, seen = opened(key=streams.define("ai", Part))
    world.body.send(batch(record(0, {"text": "a"}), record(1, {"txt": "b"})))
    assert data(seen) == [Part(text="a")]
    assert seen.of(Invalid)[0].data == {"txt": "b"}


# ── when it is over ───────────────────────────────────────────────────────────────────────────


def test_a_body_that_ends_while_the_run_executes_is_no_end() -> None:
    """Case 52."""
    world, seen = opened()
    world.body.send(batch(record(0, "a")))
    for _ in range(5):
        world.wait(60)
        world.body.close()
        reconnected(world)
        assert world.body.after == "0"
    assert not seen.is_over
    world.body.send(batch(record(1, "b")))
    assert data(seen) == ["a", "b"]


def test_a_server_that_ends_bodies_at_once_is_asked_less_and_less_often() -> None:
    """Case 52."""
    world, _ = opened()
    for _ in range(30):
        world.body.close()
        world.wait(6)
        world.body.open()
    gaps = [later.at - body.at for body, later in zip(world.bodies, world.bodies[1:], strict=False)]
    assert all(gap >= 2.5 for gap in gaps[7:])


def test_without_a_chunk_for_as_long_as_the_user_says_reading_ends() -> None:
    """Case 52."""
    world, seen = opened(timeout=20)
    assert world.body.headers["timeout-seconds"] == "20"
    world.wait(15)
    world.body.send(batch(record(0, "a")))
    world.wait(15)
    assert len(world.bodies) == 1
    world.wait(5)
    assert world.body.headers["timeout-seconds"] == "1"
    world.body.open().close()
    assert seen.is_over
    assert not world.open_bodies
    assert not world.pending


def test_when_the_run_is_over_and_nothing_is_left_reading_is_over() -> None:
    """Case 53."""
    world, seen = opened()
    world.body.send(batch(record(0, "a")))
    world.finish()
    assert len(world.bodies) == 2  # the first would have waited for more
    assert world.body.after == "0"
    world.body.open().close()
    assert seen.is_over
    assert seen.values[-1] == StreamClosed("ai", "ai")
    assert not world.open_bodies


def test_what_is_left_when_the_run_is_over_is_read_however_it_is_cut() -> None:
    """Case 53."""
    world, seen = opened()
    world.finish()
    world.body.open().send(batch(record(0, "a"))).break_off()
    reconnected(world)
    world.body.send(batch(record(1, "b"))).close()
    assert not seen.is_over  # something had come: more may be there
    reconnected(world)
    world.body.close()
    assert seen.is_over
    assert data(seen) == ["a", "b"]


def test_a_server_that_does_not_end_the_last_body_is_not_waited_for_forever() -> None:
    """Case 53."""
    world, seen = opened()
    world.finish()
    world.body.open()
    for number in range(3):
        world.wait(9)
        world.body.send(batch(record(number, "a")), PING)
    world.wait(9)
    assert not seen.is_over
    world.wait(2)
    assert seen.is_over


# ── what is tried again ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [400, 404, 409, 410, 422])
def test_an_answer_that_stays_so_is_an_error_at_once(status: int) -> None:
    """Case 54."""
    world = World()
    seen = world.read()
    world.body.break_off(rxr.Refused(status, "no"))
    assert isinstance(seen.error, rxr.Refused)
    assert len(world.bodies) == 1
    assert not world.open_bodies


@pytest.mark.parametrize("refusal", [rxr.NotAuthorized(401), rxr.Forbidden(403)])
def test_a_token_that_is_refused_is_fetched_anew_once(refusal: rxr.Refused) -> None:
    """Case 54."""
    world = World()
    seen = world.read()
    world.body.break_off(refusal)
    world.body.open().send(batch(record(0, "a"))).break_off(refusal)
    world.body.break_off(refusal)
    assert seen.error is refusal
    assert data(seen) == ["a"]
    assert len({body.request.token for body in world.bodies}) == 3


@pytest.mark.parametrize(
    "error",
    [rxr.Refused(429), rxr.Refused(500), rxr.Refused(418), rxr.ConnectFailed("x"), rxr.Stalled(30)],
)
def test_everything_else_is_tried_again_and_less_and_less_often(error: Exception) -> None:
    """Case 54."""
    world = World()
    seen = world.read()
    for _ in range(10):
        world.body.break_off(error)
        world.wait(6)
    assert seen.error is None
    waits = [each.wait for each in seen.of(Retrying)]
    for attempt, wait in enumerate(waits):
        most = min(0.1 * 2**attempt, 5.0)
        assert most / 2 <= wait <= most


def test_what_a_server_asks_for_is_waited_on_top() -> None:
    """Case 54."""
    world = World()
    seen = world.read()
    world.body.break_off(rxr.Refused(503, retry_after=20.0))
    assert 20.05 <= seen.of(Retrying)[0].wait <= 20.1


def test_a_record_proves_that_it_works_and_waits_begin_anew() -> None:
    world, seen = opened()
    for number in range(8):
        world.body.send(batch(record(number, "a"))).break_off()
        reconnected(world)
    assert {each.attempt for each in seen.of(Retrying)} == {1}


def test_headers_may_take_half_a_minute() -> None:
    """Case 55. That a transport then gives up is shown where transports are tested."""
    assert STREAM_SETTINGS.open_timeout == 30.0


def test_an_error_that_the_server_says_inside_is_a_broken_connection() -> None:
    """Case 56."""
    world, seen = opened()
    world.body.send(batch(record(0, "a")) + b"event: error\ndata: oh\n\n" + batch(record(1, "b")))
    assert data(seen) == ["a"]
    assert [str(each.error) for each in seen.of(Closed)] == ["the connection was lost ('oh')"]
    assert world.body.is_left
    reconnected(world)
    assert world.body.after == "0"


# ── where it begins ───────────────────────────────────────────────────────────────────────────


def test_a_start_index_is_the_first_chunk_that_is_delivered() -> None:
    """Case 57."""
    world, seen = opened(start_index=3)
    assert world.body.after == "1"
    world.body.send(batch(*(record(number, number) for number in range(5))))
    assert data(seen) == [2, 3, 4]


def test_a_server_that_cannot_count_is_counted_for_across_connections() -> None:
    """Case 57."""
    world, seen = opened(start_index=4)
    world.body.send(line("7-0", 1), line("7-0", 2)).break_off()
    reconnected(world)
    world.body.send(line("8-0", 3), line("9-0", 4), line("9-1", 5))
    assert data(seen) == [4, 5]


@pytest.mark.parametrize("index", [0, 1])
def test_the_first_chunk_is_the_first(index: int) -> None:
    """Case 57."""
    world, seen = opened(start_index=index)
    assert world.body.after is None
    world.body.send(batch(record(0, "a")))
    assert data(seen) == ["a"]


def test_the_latest_is_asked_for_until_there_is_a_place_to_go_on_from() -> None:
    """Case 58."""
    world, seen = opened(from_="latest")
    assert world.body.headers["x-trigger-stream-start"] == "latest"
    world.body.send(batch(record(41, "a"))).break_off()
    reconnected(world)
    assert world.body.after == "41"
    assert "x-trigger-stream-start" not in world.body.headers
    assert data(seen) == ["a"]


def test_where_the_latest_was_is_remembered_even_if_nothing_came() -> None:
    """Case 58."""
    world, _ = opened(from_="latest")
    world.body.send(batch(tail={"seq_num": 8, "timestamp": 1})).break_off()
    reconnected(world)
    assert world.body.after == "7"


def test_reading_goes_on_after_a_chunk_that_another_process_saw() -> None:
    world, seen = opened(after="7")
    assert world.body.after == "7"
    world.body.send(batch(record(7, "h"), record(8, "i")))
    assert data(seen) == ["i"]


@pytest.mark.parametrize("seconds", [0, 0.5, 601, -1])
def test_a_timeout_that_the_server_would_refuse_is_refused_here(seconds: float) -> None:
    """Case 59."""
    with pytest.raises(rxr.OptionError):
        streams.read(RUN, "ai", timeout=seconds)


@pytest.mark.parametrize(
    ("key", "spelled"),
    [("a b", "a%20b"), ("a/b", "a%2Fb"), ("a?b#c", "a%3Fb%23c"), ("ü", "%C3%BC"), ("$x", "%24x")],
)
def test_a_streams_name_is_one_part_of_the_path(key: str, spelled: str) -> None:
    """Case 60."""
    world = World()
    world.read(key)
    assert world.body.request.url.endswith(f"/realtime/v1/streams/run_1/{spelled}")


@pytest.mark.parametrize(
    "options",
    [{"start_index": -1}, {"start_index": 3, "after": "2"}, {"after": "2", "from_": "latest"}],
)
def test_two_beginnings_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(rxr.OptionError):
        streams.read(RUN, **options)


def test_who_leaves_leaves_everything() -> None:
    world, seen = opened()
    world.body.send(batch(record(0, "a")))
    seen.leave()
    assert not world.open_bodies
    assert not world.pending
    assert not seen.of(Opened)[1:]
