"""Run feeds: what is asked, and what the rows mean.

The numbers are those of the table of cases that CONTRIBUTING.md describes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import rx_realtime as rxr
from rx_realtime.models import CaughtUp, Invalid, Opened, RowDeleted, RunStatus, Stored
from rx_realtime.wire import Response
from rx_realtime.wire.trigger.encode_packets import Packet
from rx_realtime.wire.trigger.packets import decode_packet
from rx_realtime.wire.trigger.rows import decode_time
from rx_realtime.wire.trigger.statuses import PUBLIC_OF_DB
from tests.virtual_trigger import (
    RUN,
    SCHEMA,
    UP_TO_DATE,
    World,
    answer,
    as_run,
    bare,
    changed,
    done,
    row,
    rows,
)

trigger = rxr.trigger

# ── handshake ─────────────────────────────────────────────────────────────────────────────────


def test_the_first_question_is_for_the_whole_log() -> None:
    """Case 1."""
    world = World()
    world.subscribe()
    request = world.question.request
    assert request.url == f"https://api.trigger.dev/realtime/v1/runs/{RUN}?log=full&offset=-1"
    assert request.headers["x-trigger-electric-version"] == "1.0.0-beta.1"
    assert request.headers["x-trigger-api-version"] == "2025-07-16"
    assert world.question.token == "key-1"


def test_a_snapshot_that_is_up_to_date_is_said_and_followed_by_a_live_question() -> None:
    """Case 2."""
    world = World()
    seen = world.subscribe()
    world.say(rows(row(), cursor=None))
    assert [run.status for run in seen.runs] == ["EXECUTING"]
    expected = {"live": "true", "cursor": "", "handle": "h1", "offset": "1_0", "log": "full"}
    assert world.question.params == expected


def test_a_snapshot_in_two_steps_is_said_when_it_is_complete() -> None:
    """Case 3."""
    world = World()
    seen = world.subscribe()
    world.say(rows(row(), up_to_date=False, offset="0_0", cursor=None))
    assert seen.runs == []
    assert world.question.params == {"handle": "h1", "offset": "0_0", "log": "full"}
    world.say(rows(offset="0_inf"))
    assert len(seen.runs) == 1


def test_positions_are_opaque_and_the_latest_counts() -> None:
    """Case 4."""
    world = World()
    world.subscribe()
    world.say(rows(row(), offset="0_inf", handle="h/1", cursor="x y"))
    assert world.question.params.items() >= {"offset": "0_inf", "handle": "h/1"}.items()
    world.say(rows(offset="x", handle="h2", cursor="c"))
    expected = {"offset": "x", "handle": "h2", "cursor": "c", "live": "true", "log": "full"}
    assert world.question.params == expected


def test_an_empty_live_answer_says_nothing_and_is_followed_by_the_next_question() -> None:
    """Case 5."""
    world = World()
    seen = world.subscribe()
    world.say(rows(row()))
    before = list(seen.values)
    world.say(rows(cursor="c2"))
    assert seen.values == before
    assert world.question.params["cursor"] == "c2"


def test_a_live_answer_is_decoded_with_the_schema_of_the_snapshot() -> None:
    """Case 6."""
    world = World()
    seen = world.subscribe()
    world.say(rows(row()), rows(row(at=1, number="42", operation="update"), schema=None))
    assert seen.runs[-1].number == 42


@pytest.mark.parametrize("lacks", ["electric-offset", "electric-handle", "electric-schema"])
def test_a_header_that_is_missing_is_an_error_that_names_it(lacks: str) -> None:
    """Case 7."""
    world = World()
    seen = world.subscribe()
    whole = rows(row())
    kept = {name: value for name, value in whole.headers.items() if name != lacks}
    world.say(Response(200, kept, whole.body))
    assert isinstance(seen.error, rxr.WireError)
    assert lacks in str(seen.error)
    assert world.pending == []


def test_a_live_answer_without_a_cursor_is_an_error_that_names_it() -> None:
    """Case 7."""
    world = World()
    seen = world.subscribe()
    world.say(rows(row()), rows(cursor=None))
    assert "electric-cursor" in str(seen.error)


def test_headers_and_messages_that_nobody_knows_are_left_out() -> None:
    """Case 8."""
    world = World()
    seen = world.subscribe()
    unknown = [
        {"headers": {"control": "snapshot-end", "xmin": "1", "xmax": "2", "xip_list": []}},
        {"headers": {"control": "subset-end"}},
        {"headers": {"event": "move-out", "patterns": []}},
    ]
    world.say(rows(row(), *unknown, electric_news="1"))
    assert [type(each) for each in seen.values[1:]] == [Opened, rxr.updates.RunChanged, CaughtUp]


def test_a_snapshot_without_the_header_for_it_is_up_to_date_by_its_last_message() -> None:
    """Case 9."""
    world = World()
    world.subscribe()
    world.say(rows(row()))
    assert len(world.questions) == 2
    assert world.question.is_live


# ── data ──────────────────────────────────────────────────────────────────────────────────────


def test_a_partial_update_is_merged_into_the_run() -> None:
    """Case 10."""
    world = World()
    seen = world.subscribe()
    world.say(rows(row(metadata='{"a":1}')))
    world.say(rows(changed(RUN, "update", id=f"internal-{RUN}", status="PAUSED")))
    assert seen.runs[-1].status == "WAITING"
    assert seen.runs[-1].metadata == {"a": 1}
    assert seen.runs[-1].id == RUN


def test_several_changes_of_a_run_in_one_batch_are_one() -> None:
    """Case 11."""
    world = World()
    seen = world.subscribe(None)
    both = [row("run_a"), row("run_b"), row("run_a", "PAUSED", at=1), row("run_b", "PAUSED", at=1)]
    world.say(rows(*both))
    assert [(run.id, run.status) for run in seen.runs] == [
        ("run_a", "WAITING"),
        ("run_b", "WAITING"),
    ]


def test_changes_after_the_last_up_to_date_are_said_and_the_rest_is_fetched() -> None:
    """Case 12."""
    world = World()
    seen = world.subscribe(None)
    world.say(answer(row("run_a"), UP_TO_DATE, row("run_b"), schema=SCHEMA))
    assert [run.id for run in seen.runs] == ["run_a", "run_b"]
    assert not world.question.is_live


def test_an_update_of_a_run_that_never_came_costs_only_itself() -> None:
    """Case 13."""
    world = World()
    seen = world.subscribe(None)
    world.say(rows(row("run_a")))
    world.say(rows(changed("run_b", "update", status="PAUSED"), row("run_a", "PAUSED", at=1)))
    assert [run.id for run in seen.runs] == ["run_a", "run_a"]
    assert len(seen.of(Invalid)) == 1
    assert seen.error is None


def test_a_deleted_run_is_gone() -> None:
    """Case 14."""
    world = World()
    seen = world.subscribe(None)
    view = world.watch(trigger.runs_view(**world.options))
    first, second = world.questions
    for question in (first, second):
        question.answer(rows(row("run_a"), row("run_b")))
    world.wait()
    for question in world.questions[2:]:
        question.answer(rows(changed("run_a", "delete", id="internal-run_a")))
    world.wait()
    [gone] = seen.of(RowDeleted)
    assert (gone.key, gone.row.id) == ("run_a", "run_a")
    assert [[run.id for run in each.runs] for each in view.values] == [
        ["run_a", "run_b"],
        ["run_b"],
    ]
    assert [run.id for run in view.values[-1].removed] == ["run_a"]


def test_a_run_that_is_sent_again_is_not_said_again_and_an_older_one_never() -> None:
    """Case 15."""
    world = World()
    seen = world.subscribe()
    world.say(rows(row(at=5)), rows(row(at=5)), rows(row(at=4, status="PENDING")))
    assert [run.status for run in seen.runs] == ["EXECUTING"]
    world.say(rows(row(at=6, status="PAUSED")))
    assert [run.status for run in seen.runs] == ["EXECUTING", "WAITING"]


def test_values_are_read_as_the_schema_says() -> None:
    """Case 16."""
    world = World()
    seen = world.subscribe()
    typed: dict[str, Any] = {
        "number": "42",
        "isTest": "t",
        "costInCents": "0.55",
        "runTags": r'{"a,b","c\"d",plain}',
        "error": '{"type":"STRING_ERROR","raw":"no"}',
        "completedAt": None,
    }
    world.say(rows(row(**typed)))
    [run] = seen.runs
    assert (run.number, run.is_test, run.cost_in_cents) == (42, True, 0.55)
    assert run.tags == ("a,b", 'c"d', "plain")
    assert run.error is not None
    assert run.error.message == "no"
    assert run.finished_at is None


def test_lists_that_are_null_or_empty_are_empty() -> None:
    """Case 17."""
    world = World()
    seen = world.subscribe()
    world.say(rows(row(runTags=None, realtimeStreams="{}")))
    assert (seen.runs[0].tags, seen.runs[0].realtime_streams) == ((), ())


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("2026-06-06T10:05:30.123", 123_000),
        ("2026-06-06 10:05:30.12", 120_000),
        ("2026-06-06 10:05:30", 0),
        ("2026-06-06T10:05:30.123Z", 123_000),
        ("2026-06-06 10:05:30.123456", 123_456),
    ],
)
def test_times_are_utc_however_they_are_written(text: str, microseconds: int) -> None:
    """Case 18."""
    assert decode_time(text) == datetime(2026, 6, 6, 10, 5, 30, microseconds, UTC)


@pytest.mark.parametrize(("word", "public"), PUBLIC_OF_DB.items())
def test_each_status_of_the_database_has_its_public_word(word: str, public: str) -> None:
    """Case 19."""
    run = as_run(row(status=word)["value"])
    assert run.status == public
    assert run.is_known_status
    assert run.db_status == word


def test_a_status_that_nobody_knows_stays_what_it_is() -> None:
    """Case 19."""
    run = as_run(row(status="HIBERNATING")["value"])
    assert run.status == "HIBERNATING"
    assert not run.is_known_status
    assert not run.is_queued
    assert not run.is_terminal
    assert run.run_status is RunStatus.UNKNOWN


def test_a_cancelled_run_is_over_and_not_completed() -> None:
    """Case 20."""
    run = as_run(row(status="CANCELED")["value"])
    assert run.is_cancelled
    assert not run.is_completed
    assert run.is_terminal
    assert run.run_status is RunStatus.CANCELLED


SUPER = "application/super+json"
PACKETS: dict[str, tuple[Packet, Any]] = {
    "json": (Packet('{"a":[1]}'), {"a": [1]}),
    "json that is none": (Packet("{"), "{"),
    "json with a parameter": (Packet("1", "application/json; charset=utf-8"), 1),
    "text": (Packet("123", "text/plain"), "123"),
    "nothing": (Packet(None), None),
    "an unknown type": (Packet("x", "image/png"), "x"),
    "superjson without notes": (Packet('{"json":{"a":1}}', SUPER), {"a": 1}),
    "a date": (
        Packet('{"json":"2026-01-01T00:00:00.000Z","meta":{"values":["Date"]}}', SUPER),
        datetime(2026, 1, 1, tzinfo=UTC),
    ),
    "a date in it": (
        Packet('{"json":{"a":{"b":"2026-01-01"}},"meta":{"values":{"a.b":["Date"]}}}', SUPER),
        {"a": {"b": datetime(2026, 1, 1, tzinfo=UTC)}},
    ),
    "a name with a dot": (
        Packet('{"json":{"a.b":"7"},"meta":{"values":{"a\\\\.b":["bigint"]}}}', SUPER),
        {"a.b": 7},
    ),
    "a set": (Packet('{"json":[1,2,1],"meta":{"values":["set"]}}', SUPER), {1, 2}),
    "a set of dates": (
        Packet('{"json":["2026-01-01"],"meta":{"values":["set",{"0":["Date"]}]}}', SUPER),
        {datetime(2026, 1, 1, tzinfo=UTC)},
    ),
    "a set of what no set can hold": (
        Packet('{"json":[{}],"meta":{"values":["set"]}}', SUPER),
        [{}],
    ),
    "a map": (
        Packet('{"json":[["k","9"]],"meta":{"values":["map",{"0.1":["bigint"]}]}}', SUPER),
        {"k": 9},
    ),
    "undefined": (
        Packet('{"json":{"u":null},"meta":{"values":{"u":["undefined"]}}}', SUPER),
        {"u": None},
    ),
    "infinity": (Packet('{"json":"-Infinity","meta":{"values":["number"]}}', SUPER), float("-inf")),
    "a class": (Packet('{"json":{"x":1},"meta":{"values":[["class","X"]]}}', SUPER), {"x": 1}),
    "notes that lead nowhere": (
        Packet('{"json":{"a":1},"meta":{"values":{"b.c.0":["Date"],"a":["Date"]}}}', SUPER),
        {"a": 1},
    ),
    "elsewhere": (Packet("path/to.json", "application/store"), Stored("path/to.json", "payload")),
}


@pytest.mark.parametrize(("packet", "value"), PACKETS.values(), ids=PACKETS.keys())
def test_a_packet_is_a_python_value(packet: Packet, value: Any) -> None:
    """Case 21."""
    assert decode_packet(packet) == value


ERRORS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"type": "BUILT_IN_ERROR", "name": "TypeError", "message": "no", "stackTrace": "at x"},
        {"name": "TypeError", "message": "no", "stack_trace": "at x"},
    ),
    ({"type": "STRING_ERROR", "raw": "no"}, {"message": "no"}),
    ({"type": "CUSTOM_ERROR", "raw": "no"}, {"message": "no"}),
    (
        {"type": "INTERNAL_ERROR", "code": "TASK_RUN_CRASHED", "message": "out of memory"},
        {"code": "TASK_RUN_CRASHED", "message": "out of memory"},
    ),
    ({"type": "NEW_ERROR", "what": 7}, {"type": "NEW_ERROR", "message": ""}),
]


@pytest.mark.parametrize(("error", "fields"), ERRORS)
def test_an_error_of_any_type_is_kept_whole(error: dict[str, Any], fields: dict[str, Any]) -> None:
    """Case 23."""
    world = World()
    seen = world.subscribe()
    world.say(rows(row(status="COMPLETED_WITH_ERRORS", error=json.dumps(error))))
    found = seen.runs[0].error
    assert found is not None
    assert {name: getattr(found, name) for name in fields} == fields
    assert found.raw == error


def test_skipped_columns_are_none_and_the_feed_goes_on() -> None:
    """Case 24."""
    world = World()
    seen = world.subscribe(skip_columns=["payload", "output", "duration_ms"])
    assert world.question.params["skipColumns"] == "payload,output,usageDurationMs"
    kept = {name: kind for name, kind in SCHEMA.items() if name not in ("payload", "output")}
    world.say(rows(row(without=["payload", "output"]), schema=kept))
    world.say(rows(row(without=["payload", "output"], status="PAUSED", at=1), schema=kept))
    assert [(run.status, run.payload) for run in seen.runs] == [
        ("EXECUTING", None),
        ("WAITING", None),
    ]


@pytest.mark.parametrize("name", ["nonsense", "status", "id", "created_at"])
def test_columns_that_cannot_be_skipped_are_refused(name: str) -> None:
    """Case 24."""
    with pytest.raises(rxr.OptionError, match="column"):
        trigger.run(RUN, skip_columns=[name])


def test_a_run_that_is_over_completes_the_feed_and_leaves_nothing_open() -> None:
    """Case 25."""
    world = World()
    seen = world.run()
    world.say(rows(row()), rows(done(output='{"ok":true}')))
    assert [run.status for run in seen.values] == ["EXECUTING", "COMPLETED"]
    assert seen.values[-1].output == {"ok": True}
    assert seen.is_over
    assert world.pending == []


def test_without_stop_on_completion_the_feed_goes_on() -> None:
    """Case 25."""
    world = World()
    seen = world.run(stop_on_completion=False)
    world.say(rows(done()))
    assert not seen.is_over
    assert len(world.pending) == 1
    seen.leave()
    assert world.pending == []


def test_the_end_is_seen_by_the_status_where_its_time_is_skipped() -> None:
    """Case 26."""
    world = World()
    seen = world.run(skip_columns=["completedAt"])
    world.say(rows(row(status="COMPLETED_SUCCESSFULLY", without=["completedAt"])))
    assert seen.is_over


def test_a_run_that_was_taken_from_the_queue_is_dequeued() -> None:
    """Case 27."""
    world = World()
    seen = world.subscribe()
    world.say(rows(row(status="DEQUEUED")))
    assert seen.runs[0].status == "DEQUEUED"
    assert seen.runs[0].is_executing


# ── many runs ─────────────────────────────────────────────────────────────────────────────────


def test_an_empty_feed_says_so() -> None:
    """Case 44."""
    world = World()
    seen = world.watch(trigger.runs_view("nobody", **world.options))
    world.say(rows())
    [view] = seen.values
    assert view.is_empty


def test_tags_are_asked_for_together() -> None:
    """Case 45."""
    world = World()
    world.watch(trigger.runs(["user:1", "env prod"], **world.options))
    assert world.question.params["tags"] == "user:1,env prod"
    assert "/realtime/v1/runs?" in world.question.request.url


@pytest.mark.parametrize("tag", ["a,b", 'a"b', "a\\b", "a\nb", "\x7f", ""])
def test_a_tag_that_cannot_be_asked_for_is_refused_here(tag: str) -> None:
    """Case 45."""
    with pytest.raises(rxr.OptionError, match="tag"):
        trigger.runs([tag])


def test_a_window_is_a_duration_and_stays_what_it_was_at_first() -> None:
    """Case 46."""
    world = World()
    world.watch(trigger.runs("a", created_at="1h30m", **world.options))
    assert world.question.params["createdAt"] == "1h30m"
    world.say(rows(), bare(503))
    world.wait(1)
    # The server remembers the window by the handle.
    assert world.question.params.items() >= {"handle": "h1", "createdAt": "1h30m"}.items()
    with pytest.raises(rxr.OptionError, match="duration"):
        trigger.runs("a", created_at="soon")


def test_ids_are_one_part_of_the_path() -> None:
    world = World()
    world.watch(trigger.batch("batch_/../x?y", **world.options))
    assert "/realtime/v1/batches/batch_%2F..%2Fx%3Fy?" in world.question.request.url
    with pytest.raises(rxr.OptionError, match="empty"):
        trigger.batch(" ")
