"""What a stream's log keeps, and what makes room."""

from __future__ import annotations

import pytest
from reactivex.scheduler import VirtualTimeScheduler

from rx_realtime.errors import LocalError
from rx_realtime.server.clock import Clock
from rx_realtime.server.trigger.limits import TriggerLimits
from rx_realtime.server.trigger.store import Runs
from rx_realtime.server.trigger.stream_log import NewRecord, StreamLog
from rx_realtime.server.trigger.stream_store import Streams


def log(**limits: float) -> StreamLog:
    return StreamLog(TriggerLimits(**limits))  # type: ignore[arg-type]


def record(text: str = "1") -> NewRecord:
    return NewRecord(text.encode())


def numbers(log: StreamLog) -> list[int]:
    return [each.number for each in log.records]


def test_records_are_numbered_from_0_and_the_oldest_make_room():
    kept = log(max_stream_records=3)
    for now in range(10):
        kept.append([record()], now)
    assert (numbers(kept), kept.head, kept.tail) == ([7, 8, 9], 7, 10)


def test_what_came_together_makes_room_together():
    kept = log(max_stream_records=3)
    kept.append([record()] * 10, 0)
    assert numbers(kept) == [7, 8, 9]


def test_bytes_are_bounded_and_counted():
    kept = log(max_stream_bytes=1000)
    for _ in range(10):
        kept.append([record("x" * 236)], 0)  # with what it costs besides, 300
    assert (numbers(kept), kept.size) == ([7, 8, 9], 900)
    kept.append([record("x" * 2000)], 0)
    assert (numbers(kept), kept.size, kept.tail) == ([], 0, 11)


def test_what_is_too_old_is_let_go_of():
    kept = log(max_stream_age=60)
    for now in (0, 30, 60, 90):
        kept.append([record()], now)
    assert numbers(kept) == [1, 2, 3]
    kept.expire(150)
    assert numbers(kept) == [3]
    kept.expire(1000)
    assert (numbers(kept), kept.head) == ([], 4)


def test_a_clock_that_goes_back_takes_no_id_back():
    kept = log()
    for now in (5, 4, 4, 6):
        kept.append([record()], now)
    ids = [(each.at, each.entry) for each in kept.records]
    assert ids == [(5000, 0), (5000, 1), (5000, 2), (6000, 0)]


def test_what_is_read_is_bounded_in_records_and_bytes_and_never_nothing():
    kept = log()
    kept.append([record("x" * 36)] * 10, 0)  # 100 each
    assert [each.number for each in kept.read(2, count=3, size=10_000)] == [2, 3, 4]
    assert [each.number for each in kept.read(2, count=100, size=250)] == [2, 3]
    assert [each.number for each in kept.read(2, count=100, size=1)] == [2]
    assert kept.read(10, count=1, size=1) == []


def test_who_wants_what_is_gone_is_given_the_first_that_is_kept():
    kept = log(max_stream_records=2)
    for now in range(9):
        kept.append([record()], now)
        assert [each.number for each in kept.read(0, count=1, size=1)] == [kept.head]
    assert kept.after((2000, 0)) == 7
    assert kept.after((7000, 0)) == 8
    assert kept.after((9000, 0)) == 9


def test_of_a_bounded_number_of_writers_it_is_known_what_they_wrote():
    kept = log()
    for number in range(1001):
        kept.took_chunk(f"w{number}", number)
    assert (kept.last_chunk("w0"), kept.last_chunk("w1")) == (-1, 1)


def store(**limits: int) -> Streams:
    return Streams(TriggerLimits(**limits), Clock(VirtualTimeScheduler()), lambda *_: None)


def test_streams_that_were_not_written_to_for_longest_make_room_for_bytes():
    streams = store(max_streams_bytes=250)
    one, two, three = (streams.get("run", key) for key in ("a", "b", "c"))
    for stream in (one, two, one, three):
        stream.store([record("x" * 36)])
    assert [numbers(stream.log) for stream in (one, two, three)] == [[], [], [0]]
    one.store([record("x" * 36)])
    assert numbers(one.log) == [2]  # numbers go on


def test_streams_that_were_not_written_to_for_longest_make_room_for_others():
    streams = store(max_streams=2)
    first = streams.get("run", "a")
    first.store([record()])
    streams.get("run", "b").store([record()])
    streams.get("run", "c").store([record()])
    assert len(streams.get("run", "b").records) == 1
    assert streams.get("run", "a") is not first


def test_a_run_that_is_over_announces_no_stream_more():
    run = Runs(TriggerLimits()).create("demo")
    run.announce_stream("ai")
    run.announce_stream("ai")
    assert run.row.realtime_streams == ("ai",)
    run.tag("x")
    run.apply(status="COMPLETED_SUCCESSFULLY", completed_at=run.row.created_at)
    run.announce_stream("ai")
    with pytest.raises(LocalError):
        run.announce_stream("b")
