"""Run feeds on bad days: what is tried again, how soon, and what is an error at once.

The numbers are those of the table of cases that CONTRIBUTING.md describes.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
import reactivex as rx

import rx_realtime as rxr
from rx_realtime.models import (
    CaughtUp,
    Closed,
    Connecting,
    Opened,
    Restarted,
    Retrying,
    RowDeleted,
    RunChanged,
)
from rx_realtime.operators import woken
from rx_realtime.wire import Response
from tests.virtual_trigger import (
    MUST_REFETCH,
    RUN,
    UP_TO_DATE,
    Question,
    World,
    answer,
    bare,
    row,
    rows,
)

trigger = rxr.trigger
FORBIDDEN = b'{"error":"Unauthorized","code":"unauthorized"}'
LOST = rxr.ConnectFailed("reset")


def opened(**options: Any) -> tuple[World, Any]:
    """A world with a feed that waits for news."""
    world = World()
    seen = world.subscribe(**options)
    world.say(rows(row()))
    return world, seen


# ── what is final ─────────────────────────────────────────────────────────────────────────────


def test_a_token_that_is_refused_is_fetched_anew_once_and_the_feed_goes_on_where_it_stood() -> None:
    """Case 28."""
    world, seen = opened()
    before = world.question.params
    world.say(bare(401, b'{"error":"Public Access Token is invalid"}'))
    assert world.question.params == before
    assert [question.token for question in world.questions] == ["key-1", "key-1", "key-2"]
    world.say(rows(row(status="PAUSED", at=1)))
    assert [run.status for run in seen.runs] == ["EXECUTING", "WAITING"]
    # An hour later that one has run out as well.
    world.wait(3600)
    world.say(bare(401), rows(row(at=2)))
    assert world.question.token == "key-3"
    assert len(seen.runs) == 3


def test_a_token_that_stays_refused_is_an_error_after_one_more() -> None:
    """Case 28."""
    world = World()
    seen = world.subscribe()
    world.say(bare(401), bare(401, b'{"error":"Public Access Token is invalid"}'))
    assert isinstance(seen.error, rxr.NotAuthorized)
    assert "Public Access Token is invalid" in str(seen.error)
    assert world.asked == 2
    assert world.pending == []


def test_what_is_forbidden_is_an_error_at_once() -> None:
    """Case 28."""
    world = World()
    seen = world.subscribe()
    world.say(bare(403, FORBIDDEN))
    assert isinstance(seen.error, rxr.Forbidden)
    assert len(world.questions) == 1


def test_what_is_not_there_yet_is_waited_for_as_long_as_it_may_take() -> None:
    """Case 29."""
    world = World()
    world.server = lambda _: bare(404, b'{"error":"Not found"}', x_should_retry="true")
    seen = world.watch(trigger.batch("batch_1", wait_for_run=10, **world.options))
    world.wait(30)
    assert isinstance(seen.error, rxr.NotFound)
    assert 3 < len(world.questions) < 30
    assert 9 < world.questions[-1].at < 16


def test_what_comes_a_little_later_is_found() -> None:
    """Case 29."""
    world = World()
    seen = world.watch(trigger.batch("batch_1", **world.options))
    world.say(bare(404, x_should_retry="true"))
    world.wait(1)
    world.say(rows(row()))
    assert len(seen.values) == 1


def test_what_is_not_there_and_will_not_be_is_an_error_at_once() -> None:
    """Case 29."""
    world = World()
    seen = world.subscribe()
    world.say(bare(404, b'{"error":"Not found"}', x_should_retry="false"))
    assert isinstance(seen.error, rxr.NotFound)
    assert len(world.questions) == 1


@pytest.mark.parametrize("status", [400, 422, 302])
def test_a_question_that_is_wrong_is_an_error_and_not_asked_again(status: int) -> None:
    """Case 30."""
    world = World()
    seen = world.subscribe()
    world.say(bare(status, b'{"error":"Query Error"}'))
    assert isinstance(seen.error, rxr.Refused)
    assert (seen.error.status, seen.error.detail) == (status, "Query Error")
    world.wait(60)
    assert len(world.questions) == 1


def test_an_offset_beyond_the_log_begins_anew_once() -> None:
    """Case 30."""
    beyond = bare(400, b'{"message":"Invalid request","errors":{"offset":["out of bounds"]}}')
    world, seen = opened()
    world.say(beyond)
    assert world.question.params["offset"] == "-1"
    world.say(rows(row(), handle="h2"), beyond)
    assert isinstance(seen.error, rxr.Refused)


# ── rotation ──────────────────────────────────────────────────────────────────────────────────


def test_a_rotated_log_is_fetched_again_and_what_vanished_is_taken_back() -> None:
    """Case 31."""
    world = World()
    seen = world.subscribe(None)
    world.say(rows(row("run_a"), row("run_b")))
    world.say(answer(MUST_REFETCH, status=409, handle="h2"))
    expected = {"expired_handle": "h1", "handle": "h2", "log": "full", "offset": "-1"}
    assert world.question.params == expected
    world.say(rows(row("run_b", status="PAUSED", at=1), handle="h2"))
    after: list[Any] = seen.values[-4:]
    assert [type(each) for each in after] == [Restarted, RunChanged, RowDeleted, CaughtUp]
    assert after[1].run_id == "run_b"
    assert after[2].key == "run_a"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b"null"])
def test_a_rotation_without_a_handle_goes_past_the_caches_whatever_its_body(body: bytes) -> None:
    """Case 32."""
    world, seen = opened()
    world.say(bare(409, body))
    params = world.question.params
    assert params["offset"] == "-1"
    assert "handle" not in params
    assert params["cache-buster"]
    world.say(rows(row(), handle="h2"))
    assert seen.error is None
    assert "cache-buster" not in world.question.params


def test_rotations_without_an_end_are_given_up() -> None:
    """Case 33."""
    world = World()
    world.server = rotated
    seen = world.subscribe()
    world.wait(600)
    assert isinstance(seen.error, rxr.WireError)
    assert "cache" in str(seen.error)
    assert world.busiest_second() < 5
    assert len(world.questions) <= 12


def test_a_cache_that_knows_only_what_has_expired_is_gone_past_and_then_named() -> None:
    """Case 33."""
    world = World()
    world.server = lambda question: (
        bare(409, electric_handle="h2") if question.is_live else rows(row(), handle="h1")
    )
    seen = world.subscribe()
    world.wait(600)
    assert isinstance(seen.error, rxr.WireError)
    assert world.busiest_second() < 5
    assert len(world.questions) <= 10


# ── what passes ───────────────────────────────────────────────────────────────────────────────


def test_an_answer_without_content_is_up_to_date() -> None:
    """Case 34."""
    world = World()
    seen = world.subscribe()
    world.say(rows(row(), up_to_date=False), bare(204))
    assert len(seen.runs) == 1
    assert world.question.is_live


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "5"},
        {"date": "Sat, 06 Jun 2026 10:00:00 GMT", "retry-after": "Sat, 06 Jun 2026 10:00:05 GMT"},
        {"date": "Sat, 06 Jun 2026 10:00:00 GMT", "x-ratelimit-reset": "1780740005000"},
        {"date": "Sat, 06 Jun 2026 10:00:00 GMT", "x-ratelimit-reset": "1780740005"},
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_server_says_how_long_it_wants_to_be_left_alone(
    status: int, headers: dict[str, str]
) -> None:
    """Case 35."""
    world, _ = opened()
    asked_at = world.question.at
    world.say(Response(status, headers, b'{"error":"Too many concurrent requests"}'))
    world.wait(4.9)
    assert world.question.at == asked_at
    world.wait(2)
    assert world.question.at >= asked_at + 5


@pytest.mark.parametrize("status", [500, 502, 503, 304, 408, 425, 429, 499])
def test_a_server_that_fails_for_a_while_is_no_error_and_can_be_seen(status: int) -> None:
    """Case 36."""
    world, seen = opened()
    for _ in range(3):
        world.say(bare(status))
        world.wait(5)
    assert seen.error is None
    waits = [each.wait for each in seen.of(Retrying)]
    assert [each.attempt for each in seen.of(Retrying)] == [1, 2, 3]
    assert waits[0] < 0.25 <= waits[1] <= 0.5
    assert waits[2] <= 1
    world.say(rows(row(at=3)))
    assert isinstance(seen.values[-3], Opened)
    assert len(seen.runs) == 2


def test_a_feed_that_reconnects_shows_it_in_its_connection_status() -> None:
    """Case 36."""
    world = World()
    statuses: list[str] = []
    rt = trigger.realtime(RUN, scheduler=world.clock, **world.options)
    held = rt.connection_status.subscribe(statuses.append)
    world.wait()
    world.say(rows(row()), bare(503))
    world.wait(1)
    world.say(rows())
    assert statuses == ["idle", "connecting", "open", "closed", "connecting", "open"]
    held.dispose()


def test_a_question_that_was_cut_off_is_asked_again_as_it_was() -> None:
    """Case 37."""
    world, seen = opened()
    before = world.question.params
    world.say(LOST)
    world.wait(1)
    assert world.question.params == before
    assert [type(each) for each in seen.values[-3:]] == [Closed, Retrying, Connecting]


def test_an_answer_that_was_cut_off_says_nothing_and_moves_nothing() -> None:
    """Case 38."""
    world, seen = opened()
    before, runs = world.question.params, len(seen.runs)
    world.say(rxr.ConnectionLost(reason="peer closed connection without sending complete message"))
    world.wait(1)
    assert len(seen.runs) == runs
    assert world.question.params == before


@pytest.mark.parametrize("body", [b"<html>login</html>", b'{"rows":[]}', b"null", b""])
def test_answers_that_are_no_rows_are_an_error_after_three(body: bytes) -> None:
    """Case 39."""
    world = World()
    world.server = lambda _: bare(200, body, content_type="text/html")
    seen = world.subscribe()
    world.wait(60)
    assert isinstance(seen.error, rxr.WireError)
    assert "text/html" in str(seen.error)
    assert len(world.questions) == 3


def test_a_silent_poll_is_given_up_and_asked_again_without_waiting_for_news() -> None:
    """Case 40."""
    world, seen = opened()
    assert world.question.request.timeout == 45
    world.say(rxr.Stalled(45))
    world.wait(1)
    params = world.question.params
    assert "live" not in params
    assert params.items() >= {"offset": "1_0", "handle": "h1", "cursor": "c1"}.items()
    world.say(rows())
    assert world.question.is_live
    assert seen.error is None


def test_who_slept_asks_for_what_was_missed_before_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 41."""
    world = World()
    slept = 0.0

    def wall() -> float:
        return world.now + slept

    monkeypatch.setattr("rx_realtime.sources.trigger.connection.woken", lambda: woken(wall=wall))
    seen = world.subscribe()
    world.say(rows(row()))
    world.wait(20)
    assert len(world.questions) == 2
    slept = 3600.0
    world.wait(3)
    assert world.questions[1].is_left
    assert "live" not in world.question.params
    world.say(rows(row(at=1)))
    assert world.question.is_live
    assert seen.error is None


def test_after_a_pause_what_was_missed_is_asked_for_first() -> None:
    world = World()
    visible = rx.subject.BehaviorSubject(True)
    rt = trigger.realtime(RUN, scheduler=world.clock, visible=visible, **world.options)
    with rt:
        world.wait()
        world.say(rows(row()))
        visible.on_next(False)
        world.wait()
        assert world.pending == []
        assert rt.current.connection_status == "paused"
        visible.on_next(True)
        world.wait()
        assert "live" not in world.question.params
        assert world.question.params["handle"] == "h1"
        world.say(rows(row(at=1)))
        assert world.question.is_live


@pytest.mark.parametrize("response", [None, bare(503), LOST, bare(429, retry_after="60")])
def test_leaving_ends_questions_and_waits(response: Response | Exception | None) -> None:
    """Case 42."""
    world, seen = opened()
    if response is not None:
        world.say(response)
    asked = len(world.questions)
    seen.leave()
    assert world.pending == []
    world.wait(300)
    assert len(world.questions) == asked


def test_leaving_inside_of_a_batch_is_the_end_of_it() -> None:
    """Case 42."""
    world = World()
    seen: list[Any] = []
    feed = trigger.runs("a", **world.options)

    def take(run: trigger.Run) -> None:
        seen.append(run)
        subscription.dispose()

    subscription = feed.subscribe(take, scheduler=world.clock)
    world.wait()
    world.say(rows(row("run_a"), row("run_b")))
    assert [run.id for run in seen] == ["run_a"]
    assert world.pending == []


# ── no hot loop ───────────────────────────────────────────────────────────────────────────────

Bad = Callable[[Question], Response | Exception]
COUNT = itertools.count()


def always(said: Response | Exception) -> Bad:
    return lambda _: said


def in_turn(*said: Response | Exception) -> Bad:
    """Say one after the other, and begin anew."""
    following = itertools.cycle(said)
    return lambda _: next(following)


def while_live(said: Bad, otherwise: Bad) -> Bad:
    return lambda question: said(question) if question.is_live else otherwise(question)


def snapshot(_: Question) -> Response:
    """The same row, in a log that is always another one."""
    return rows(row(), handle=f"h{next(COUNT)}")


def rotated(_: Question) -> Response:
    return bare(409, electric_handle=f"h{next(COUNT)}")


STATUSES = (304, 400, 401, 403, 404, 408, 409, 422, 425, 429, 499, 500, 502, 503, 504)
BAD_DAYS: dict[str, Bad] = {
    **{str(status): always(bare(status)) for status in STATUSES},
    "404, not yet": always(bare(404, x_should_retry="true")),
    "rotations with handles": rotated,
    "rotations between snapshots": while_live(always(bare(409)), snapshot),
    "rotations after a live answer": in_turn(bare(409), rows(row()), rows(cursor="c")),
    "rotations of a log that flaps": in_turn(bare(409), rows(), rows(row(at=1))),
    "must-refetch in a success": always(answer(MUST_REFETCH)),
    "204": always(bare(204)),
    "204 after a snapshot": while_live(always(bare(204)), snapshot),
    "polls that are not held": while_live(always(rows()), snapshot),
    "never up to date": always(rows(up_to_date=False)),
    "the same rows, never up to date": always(rows(row(), up_to_date=False)),
    "the same rows, up to date": always(rows(row())),
    "up to date in the middle": always(answer(row(), UP_TO_DATE, row(), schema={})),
    "an empty page": always(bare(200)),
    "a page": always(bare(200, b"<html>", content_type="text/html")),
    "an object": always(bare(200, b'{"rows":[]}')),
    "no headers": always(bare(200, json.dumps([UP_TO_DATE]).encode())),
    "no connection": always(rxr.ConnectFailed("refused")),
    "cut off": always(rxr.ConnectionLost(reason="reset")),
    "silence": always(rxr.Stalled(45)),
    "a stale cache": while_live(
        always(bare(409, electric_handle="h2")), always(rows(row(), handle="h1"))
    ),
    "failures between idle polls": while_live(
        in_turn(bare(503), rows(), rxr.ConnectionLost()), always(rows(row()))
    ),
}


@pytest.mark.parametrize("latency", [0.0, 0.01])
@pytest.mark.parametrize("server", BAD_DAYS.values(), ids=BAD_DAYS.keys())
def test_no_failure_makes_a_hot_loop(server: Bad, latency: float) -> None:
    """Cases 33, 34, 36, 39."""
    world = World(server=server, latency=latency)
    seen = world.subscribe()
    world.wait(60)
    assert world.busiest_second() < 5
    assert len(world.questions) < 5 * 60
    asked = len(world.questions)
    seen.leave()
    world.wait(60)
    assert len(world.questions) == asked
    assert world.pending == []
