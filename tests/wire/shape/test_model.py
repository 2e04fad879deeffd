"""The shape wire against a model of the server: whatever happens, subscribers know what it has."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rx_realtime.models import CaughtUp, Closed, Invalid, Restarted, RowChanged, RowDeleted, Update
from rx_realtime.wire import Response
from rx_realtime.wire.shape import Phase, ShapeWire
from tests.wire.shape.scripts import (
    MUST_REFETCH,
    TOKEN,
    UP_TO_DATE,
    answer,
    asked,
    bare,
    delete,
    insert,
    update,
)

KEYS = st.sampled_from("abcd")
NUMBERS = st.integers(0, 9).map(str)


class Log:
    """A log as a server keeps it: changes one after the other, under a handle."""

    def __init__(self, handle: str, table: dict[str, str]) -> None:
        self.handle = handle
        self.changes: list[dict[str, Any]] = [insert(key, n=n) for key, n in table.items()]


class Shapes(RuleBasedStateMachine):
    """A server whose table changes, that cuts its answers anywhere, rotates, and misbehaves."""

    def __init__(self) -> None:
        super().__init__()
        self.handles = (f"h{number}" for number in itertools.count(1))
        self.table: dict[str, str] = {}
        self.log = Log(next(self.handles), self.table)
        self.expired: list[str] = []
        self.wire = ShapeWire("https://h", nonce="me")
        self.known: dict[str, Any] = {}
        self.is_complete = False
        self.said: tuple[Update, ...] = ()
        self.repeats = False

    @initialize(table=st.dictionaries(KEYS, NUMBERS))
    def begin(self, table: dict[str, str]) -> None:
        self.table = dict(table)
        self.log = Log(self.log.handle, self.table)

    # ── the server's table ────────────────────────────────────────────────────────────────────

    @rule(key=KEYS, n=NUMBERS)
    def change(self, key: str, n: str) -> None:
        is_new = key not in self.table
        self.table[key] = n
        self.log.changes.append(insert(key, n=n) if is_new else update(key, n=n))
        self.is_complete = False

    @precondition(lambda self: self.table)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.table)))
        del self.table[key]
        self.log.changes.append(delete(key))
        self.is_complete = False

    @rule(says_which=st.booleans(), in_a_success=st.booleans())
    def rotate(self, says_which: bool, in_a_success: bool) -> None:
        """The next question about the old log is told to begin anew."""
        self.expired.append(self.log.handle)
        self.log = Log(next(self.handles), self.table)
        if asked(self.wire).get("handle") == self.expired[-1]:
            handle = self.log.handle if says_which else None
            if in_a_success:
                self.tell(answer(MUST_REFETCH, handle=handle))
            else:
                self.tell(bare(409, electric_handle=handle) if handle else bare(409))

    # ── answers ───────────────────────────────────────────────────────────────────────────────

    @rule(size=st.integers(0, 3), sends_again=st.integers(0, 2), trailing=st.booleans())
    def serve(self, size: int, sends_again: int, trailing: bool) -> None:
        """Answer what is asked with some of the changes; to repeat a change is no harm.

        A part of a row that was deleted in between is reported, and costs only itself.
        """
        question = asked(self.wire)
        if question.get("handle", self.log.handle) != self.log.handle:
            self.tell(bare(409, electric_handle=self.log.handle))
            return
        start = 0 if question["offset"] == "-1" else int(question["offset"])
        stop = min(start + size, len(self.log.changes))
        body = self.log.changes[start:stop]
        body = body + body[len(body) - sends_again :] if sends_again <= len(body) else body
        is_all = stop == len(self.log.changes)
        if is_all:
            body = [*body, UP_TO_DATE]
        elif trailing and body:
            body = [*body, {"headers": {"control": "snapshot-end"}}]
        self.repeats = sends_again > 0
        self.tell(answer(*body, offset=str(stop), handle=self.log.handle, cursor=str(stop)))
        self.repeats = False
        if is_all:
            self.is_complete = True

    @rule()
    def serve_everything(self) -> None:
        for _ in range(3):
            self.serve(100, 0, False)

    @precondition(lambda self: self.expired)
    @rule()
    def a_cache_answers(self) -> None:
        """What it has is of the log that is no longer served, as far as the wire knows."""
        handle = self.wire.position.expired
        if handle is not None:
            self.tell(answer(insert("stale"), UP_TO_DATE, handle=handle, offset="99"))

    @rule(response=st.sampled_from([
        bare(500), bare(429, retry_after="1"), bare(304), bare(401),
        bare(200, b"<html>"), bare(200, b"{}"), answer(UP_TO_DATE, offset=None),
        answer(insert("x"), UP_TO_DATE, handle=None),
    ]))  # fmt: skip
    def fail(self, response: Response) -> None:
        before = self.wire
        self.tell(response)
        assert isinstance(self.said[-1], Closed), "a failure is said"
        assert self.wire.position == before.position, "a failure moves nothing"
        assert self.wire.rows == before.rows, "a failure moves nothing"

    @rule()
    def rest(self) -> None:
        self.wire = self.wire.rested()
        assert self.wire.position.phase is not Phase.LIVE

    def tell(self, response: Response) -> None:
        self.wire, _ = self.wire.open(TOKEN)
        self.wire, self.said = self.wire.receive(response)
        self.is_complete = False
        for each in self.said:
            match each:
                case RowChanged(key, row):
                    assert self.known.get(key) != row, "nothing is said twice"
                    self.known[key] = row
                case RowDeleted(key):
                    assert key in self.known, "nothing is deleted twice"
                    del self.known[key]
                case CaughtUp(rows):
                    assert rows == len(self.known), "caught up counts all rows"
                case Closed() | Restarted():
                    pass
                case Invalid():
                    assert self.repeats, "only what comes again may come too late"
                case _:
                    raise AssertionError(each)
        if any(isinstance(each, RowChanged | RowDeleted) for each in self.said):
            assert isinstance(self.said[-1], CaughtUp), "whole batches"

    # ── what always holds ─────────────────────────────────────────────────────────────────────

    @invariant()
    def a_position_has_a_handle(self) -> None:
        at = self.wire.position
        assert at.offset == "-1" or at.handle is not None

    @invariant()
    def live_means_caught_up(self) -> None:
        if "live" in asked(self.wire):
            assert self.wire.rows.caught_up
            assert not self.wire.rows.draft

    @invariant()
    def an_expired_handle_is_never_asked_for_again(self) -> None:
        handle = asked(self.wire).get("handle")
        assert handle is None or handle != self.wire.position.expired

    @invariant()
    def subscribers_know_what_the_wire_knows(self) -> None:
        published = self.wire.rows.published
        assert {key: row.columns for key, row in published.items()} == self.known

    @invariant()
    def who_is_caught_up_knows_the_table(self) -> None:
        if self.is_complete:
            assert {key: str(row["n"]) for key, row in self.known.items()} == self.table

    @invariant()
    def the_token_is_nowhere(self) -> None:
        assert TOKEN.key.get_secret_value() not in repr(self.wire)


TestShapes = Shapes.TestCase
TestShapes.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
