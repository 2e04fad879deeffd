"""The shape wire: every cell of its table, and what it asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from rx_realtime.errors import ConnectFailed, Refused, WireError, is_retryable, least_wait
from rx_realtime.models import CaughtUp, Closed, Invalid, Restarted, RowChanged, RowDeleted
from rx_realtime.wire import Response
from rx_realtime.wire.shape import TABLE, Act, Got, Phase, ShapeWire
from rx_realtime.wire.shape.answer import read_answer
from rx_realtime.wire.shape.position import Trouble
from tests.wire.shape.scripts import (
    MUST_REFETCH,
    SCHEMA,
    TOKEN,
    UP_TO_DATE,
    answer,
    asked,
    bare,
    delete,
    insert,
    told,
    update,
)

NEW = ShapeWire("https://h/shape", {"tags": "a,b"}, {"x-engine": "1"}, nonce="me")

# ── the table ─────────────────────────────────────────────────────────────────────────────────

# A wire in each phase. All have seen h0 expire, so that a cache may answer with it.
ROTATED, _ = told(
    NEW, answer(insert("a"), UP_TO_DATE, handle="h0"), bare(409, electric_handle="h1")
)
STARTING = replace(ROTATED, trouble=Trouble())
CATCHING_UP, _ = told(STARTING, answer(insert("a")))
LIVE, _ = told(STARTING, answer(insert("a"), UP_TO_DATE))
WIRES = {Phase.STARTING: STARTING, Phase.CATCHING_UP: CATCHING_UP, Phase.LIVE: LIVE}

OUT_OF_BOUNDS = json.dumps(
    {"message": "Invalid request", "errors": {"offset": ["out of bounds for this shape"]}}
).encode()
ANSWERS = {
    Got.ROWS: answer(insert("b"), offset="2_0", cursor="c2"),
    Got.CAUGHT_UP: answer(insert("b"), UP_TO_DATE, offset="2_0", cursor="c2"),
    Got.RUNNING_ON: answer(insert("b"), UP_TO_DATE, insert("c"), offset="2_0", cursor="c2"),
    Got.ROTATED: answer(MUST_REFETCH, status=409, handle="h2"),
    Got.STALE: answer(insert("b"), UP_TO_DATE, handle="h0", offset="9_9"),
    Got.OUT_OF_BOUNDS: bare(400, OUT_OF_BOUNDS),
    Got.UNUSABLE: bare(200, b"<html>", content_type="text/html"),
    Got.INCOMPLETE: answer(UP_TO_DATE, offset=None),
    Got.REFUSED: bare(403, b'{"error":"Unauthorized"}'),
}
CELLS = [(phase, got) for phase in Phase for got in Got]


def test_every_cell_is_written():
    assert set(TABLE) == set(CELLS)
    assert set(ANSWERS) == set(Got)


@pytest.mark.parametrize("got", Got)
@pytest.mark.parametrize("phase", Phase)
def test_an_answer_is_told_apart(phase: Phase, got: Got):
    at = WIRES[phase].position
    assert at.phase is phase
    read = read_answer(
        ANSWERS[got],
        is_live=phase is Phase.LIVE,
        schema=at.schema,
        expired=at.expired,
    )
    assert read.got is got


@pytest.mark.parametrize(("phase", "got"), CELLS)
def test_a_cell_does_what_it_says(phase: Phase, got: Got):
    before = WIRES[phase]
    act, leads_to = TABLE[phase, got]
    after, updates = before.receive(ANSWERS[got])
    assert after.position.phase is leads_to
    said = [type(each) for each in updates]
    match act:
        case Act.COLLECT:
            assert said == []
            assert after.rows.published == before.rows.published
            assert (after.position.offset, after.position.cursor) == ("2_0", "c2")
        case Act.PUBLISH:
            assert said[-1] is CaughtUp
            assert RowChanged in said
            assert (after.position.offset, after.position.cursor) == ("2_0", "c2")
        case Act.RESTART:
            assert after.position.offset == "-1"
            assert after.position.handle in ("h2", None)
            assert after.position.expired == "h1"
            assert after.rows.published == before.rows.published
            assert after.rows.anew
        case Act.BYPASS:
            assert said == []
            assert after.position == before.position
            assert asked(after) == {**asked(before), "cache-buster": "me-1"}
        case Act.FAIL:
            assert said == [Closed]
            assert after.position == before.position
            assert after.rows == before.rows


# ── what is asked ─────────────────────────────────────────────────────────────────────────────


def test_the_first_question_is_for_the_log_from_its_beginning():
    opening = NEW.open(TOKEN)
    assert opening.request.url == "https://h/shape?log=full&offset=-1&tags=a%2Cb"
    assert opening.request.headers == {"x-engine": "1"}
    assert opening.request.token == TOKEN.key
    assert opening.request.timeout == 30
    assert opening.wire is NEW


def test_a_shape_that_is_complete_is_asked_for_news():
    wire, _ = told(NEW, answer(insert("a"), UP_TO_DATE, cursor=None))
    assert asked(wire) == {
        "cursor": "", "handle": "h1", "live": "true", "log": "full", "offset": "1_0", "tags": "a,b",
    }  # fmt: skip
    assert wire.open(TOKEN).request.timeout == 45


def test_positions_are_sent_as_they_came():
    wire, _ = told(LIVE, answer(UP_TO_DATE, offset="0_inf", handle="h/ä", cursor="not a number"))
    assert asked(wire).items() >= {
        "offset": "0_inf", "handle": "h/ä", "cursor": "not a number",
    }.items()  # fmt: skip


def test_who_was_away_asks_for_what_was_missed_before_waiting():
    rested = LIVE.rested()
    assert asked(rested).items() >= {"offset": "1_0", "handle": "h1", "cursor": "c1"}.items()
    assert "live" not in asked(rested)
    wire, updates = told(rested, answer(UP_TO_DATE))
    assert updates == []
    assert asked(wire)["live"] == "true"
    assert STARTING.rested() is STARTING


def test_no_token_is_in_a_wire():
    wire, _ = told(LIVE, answer(UP_TO_DATE))
    opening = wire.open(TOKEN)
    assert TOKEN.key.get_secret_value() not in repr((opening.wire, opening.request))


# ── what is said ──────────────────────────────────────────────────────────────────────────────


def test_a_snapshot_in_two_steps_is_one_batch():
    wire, updates = told(NEW, answer(insert("a"), offset="0_0"))
    assert updates == []
    assert asked(wire) == {
        "cursor": "c1", "handle": "h1", "log": "full", "offset": "0_0", "tags": "a,b",
    }  # fmt: skip
    wire, updates = told(wire, answer(UP_TO_DATE, offset="0_inf", schema=None))
    assert updates == [RowChanged("a", {"id": "a", "status": "NEW", "n": 0}), CaughtUp(1)]


def test_an_empty_shape_says_so_once():
    _, updates = told(NEW, answer(UP_TO_DATE), answer(UP_TO_DATE), answer(UP_TO_DATE))
    assert updates == [CaughtUp(0)]


def test_a_part_of_a_row_is_merged_into_it():
    _, updates = told(LIVE, answer(update("a", status="DONE"), UP_TO_DATE))
    assert updates == [RowChanged("a", {"id": "a", "status": "DONE", "n": 0}), CaughtUp(1)]


def test_many_changes_of_a_row_are_one_and_rows_keep_the_order_of_their_first():
    changes = [update("a", n="1"), insert("b"), update("a", n="2"), update("b", n="3")]
    _, updates = told(LIVE, answer(*changes, UP_TO_DATE))
    assert updates == [
        RowChanged("a", {"id": "a", "status": "NEW", "n": 2}),
        RowChanged("b", {"id": "b", "status": "NEW", "n": 3}),
        CaughtUp(2),
    ]


def test_a_row_that_is_as_it_was_is_not_said_again():
    assert told(LIVE, answer(insert("a"), UP_TO_DATE))[1] == []


def test_a_deleted_row_is_gone():
    wire, updates = told(LIVE, answer(delete("a"), delete("unknown"), UP_TO_DATE))
    assert updates == [RowDeleted("a", {"id": "a", "status": "NEW", "n": 0}), CaughtUp(0)]
    assert wire.rows.published == {}


def test_an_update_of_a_row_that_never_came_costs_only_itself():
    _, updates = told(LIVE, answer(update("b", n="1"), insert("c"), UP_TO_DATE))
    assert [type(each) for each in updates] == [Invalid, RowChanged, CaughtUp]
    whole = update("b", status="NEW", n="1")
    assert told(LIVE, answer(whole, UP_TO_DATE))[1][0] == RowChanged(
        "b", {"id": "b", "status": "NEW", "n": 1}
    )


def test_a_row_does_not_go_back_in_time():
    def is_older(row: Any, than: Any) -> bool:
        return bool(row.get("n") < than.get("n"))

    wire, _ = told(
        ShapeWire("https://h", is_older=is_older), answer(insert("a", n="5"), UP_TO_DATE)
    )
    assert told(wire, answer(insert("a", n="4", status="OLD"), UP_TO_DATE))[1] == []
    begun_anew = [bare(409), answer(insert("a", n="3"), UP_TO_DATE, handle="h2")]
    assert told(wire, *begun_anew)[1] == [Restarted(), CaughtUp(1)]


@pytest.mark.parametrize(
    "message",
    [
        {"headers": {"control": "snapshot-end", "xmin": "1"}},
        {"headers": {"control": "subset-end"}},
        {"headers": {"event": "move-out", "patterns": []}},
        {"headers": {}},
        {"headers": None},
        {},
        None,
        7,
    ],
)
def test_messages_that_we_do_not_know_are_left_out(message: Any):
    changed = [RowChanged("b", {"id": "b", "status": "NEW", "n": 0}), CaughtUp(2)]
    assert told(LIVE, answer(message, insert("b"), UP_TO_DATE))[1] == changed


@pytest.mark.parametrize(
    "message",
    [{"key": 7}, {"key": "b"}, {"key": "b", "value": [], "headers": {"operation": "insert"}}],
)
def test_a_change_that_is_none_costs_only_itself(message: Any):
    _, updates = told(LIVE, answer(message, insert("b"), UP_TO_DATE))
    assert [type(each) for each in updates] == [Invalid, RowChanged, CaughtUp]


def test_a_live_answer_is_read_with_the_schema_of_the_snapshot():
    _, updates = told(LIVE, answer(update("a", n="7"), UP_TO_DATE, schema=None))
    assert updates[0] == RowChanged("a", {"id": "a", "status": "NEW", "n": 7})


def test_a_log_begun_anew_says_what_differs_and_what_vanished():
    wire, _ = told(LIVE, answer(insert("b"), insert("c"), UP_TO_DATE))
    wire, updates = told(wire, ANSWERS[Got.ROTATED])
    assert updates == [Restarted()]
    assert asked(wire) == {
        "expired_handle": "h1", "handle": "h2", "log": "full", "offset": "-1", "tags": "a,b",
    }  # fmt: skip
    wire, updates = told(wire, answer(insert("a"), insert("b", n="9"), UP_TO_DATE, handle="h2"))
    assert updates == [
        RowChanged("b", {"id": "b", "status": "NEW", "n": 9}),
        RowDeleted("c", {"id": "c", "status": "NEW", "n": 0}),
        CaughtUp(2),
    ]


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"<html>"])
def test_a_rotation_needs_no_body_and_no_handle(body: bytes):
    wire, updates = told(LIVE, bare(409, body))
    assert updates == [Restarted()]
    assert asked(wire).items() >= {"offset": "-1", "cache-buster": "me-1"}.items()
    assert "handle" not in asked(wire)


def test_must_refetch_inside_of_a_success_is_a_rotation():
    wire, updates = told(LIVE, answer(insert("z"), MUST_REFETCH, handle="h2"))
    assert updates == [Restarted()]
    assert asked(wire)["handle"] == "h2"


def test_nothing_at_all_means_nothing_new():
    wire, updates = told(CATCHING_UP, bare(204))
    assert updates[-1] == CaughtUp(1)
    assert asked(wire)["live"] == "true"
    wire, updates = told(wire, bare(204))
    assert updates == []


def test_nothing_at_all_is_no_place_to_begin_from():
    _, [update] = told(NEW, bare(204))
    assert isinstance(update, Closed)
    assert isinstance(update.error, WireError)


# ── what goes wrong ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wire", "lacks"),
    [
        (NEW, "electric-offset"),
        (NEW, "electric-handle"),
        (NEW, "electric-schema"),
        (LIVE, "electric-cursor"),
    ],
)
def test_a_missing_header_is_named(wire: ShapeWire, lacks: str):
    whole = answer(UP_TO_DATE)
    headers = {name: value for name, value in whole.headers.items() if name != lacks}
    _, [update] = told(wire, Response(200, headers, whole.body))
    assert isinstance(update, Closed)
    assert str(update.error) == f"the answer lacks the header {lacks}"
    assert update.error is not None
    assert not is_retryable(update.error)


def errors(wire: ShapeWire, *answers: Response) -> list[Exception | None]:
    return [each.error for each in told(wire, *answers)[1] if isinstance(each, Closed)]


@pytest.mark.parametrize("body", [b"<html>", b'{"rows":[]}', b"", b"null", b"[" * 100_000])
def test_what_is_no_list_is_tried_again_twice(body: bytes):
    page = bare(200, body, content_type="text/html")
    found = errors(LIVE, page, page, page)
    assert [type(each) for each in found] == [ConnectFailed, ConnectFailed, WireError]
    assert "text/html" in str(found[0])
    found = errors(LIVE, page, page, answer(UP_TO_DATE), page)
    assert [type(each) for each in found] == [ConnectFailed] * 3


def test_rotations_in_a_row_are_waited_for_longer_and_longer_and_given_up():
    found = errors(LIVE, *[bare(409)] * 11)
    assert [type(each) for each in found] == [Refused] * 9 + [WireError]
    waits = [least_wait(each) for each in found[:-1] if each is not None]
    assert waits == [0.25, 0.5, 1, 2, 4, 5, 5, 5, 5]
    assert all(is_retryable(each) for each in found[:-1] if each is not None)


def test_a_snapshot_between_two_rotations_proves_nothing():
    again = [answer(insert("a"), UP_TO_DATE, handle="h9"), bare(409)]
    assert len(errors(LIVE, bare(409), *again * 3)) == 3
    assert errors(LIVE, bare(409), again[0], answer(UP_TO_DATE, handle="h9"), bare(409)) == []


def test_no_question_past_a_cache_is_like_another():
    wire, seen = LIVE, list[str]()
    for _ in range(5):
        wire, _ = told(wire, bare(409))
        seen.append(asked(wire)["cache-buster"])
    assert len(set(seen)) == 5


def test_a_cache_that_answers_with_an_expired_handle_is_gone_past_and_given_up():
    wire = STARTING
    stale = ANSWERS[Got.STALE]
    sent = list[dict[str, str]]()
    for _ in range(4):
        wire, updates = wire.receive(stale)
        assert updates == ()
        sent.append(asked(wire))
    assert [each["cache-buster"] for each in sent] == ["me-1", "me-2", "me-3", "me-4"]
    # The last time without the handle that the cache may be answering for.
    assert ["expired_handle" in each for each in sent] == [True, True, True, False]
    assert [type(each) for each in errors(wire, stale)] == [WireError]


def test_an_offset_beyond_the_log_begins_anew_once():
    beyond = ANSWERS[Got.OUT_OF_BOUNDS]
    wire, updates = told(ShapeWire("https://h"), answer(insert("a"), UP_TO_DATE), beyond)
    assert updates[-1] == Restarted()
    found = errors(wire, answer(insert("a"), UP_TO_DATE, handle="h2"), beyond)
    assert [str(each) for each in found] == ["the server answered 400: Invalid request"]


def test_a_schema_that_cannot_be_read_is_missing():
    found = errors(NEW, answer(UP_TO_DATE, schema=None, electric_schema="{"))
    assert [str(each) for each in found] == ["the answer lacks the header electric-schema"]


def test_the_schema_of_a_log_stays_what_it_was_first():
    other = {**SCHEMA, "n": {"type": "text"}}
    _, updates = told(CATCHING_UP, answer(update("a", n="7"), UP_TO_DATE, schema=other))
    assert updates[0] == RowChanged("a", {"id": "a", "status": "NEW", "n": 7})
