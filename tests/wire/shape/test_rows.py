"""Rows as they are put together of changes."""

from __future__ import annotations

from rx_realtime.models import CaughtUp, Invalid, RowChanged
from rx_realtime.wire.shape.columns import Column, Schema
from rx_realtime.wire.shape.messages import Change, Operation
from rx_realtime.wire.shape.rows import Rows, Words

SCHEMA = Schema.of({"id": Column(), "n": Column(type="int4")})
KNOWN = Change("k", Operation.INSERT, {"id": "a", "n": "1"})


def test_a_column_that_does_not_read_is_reported_as_it_came_and_stays_text():
    rows, _ = Rows().take((KNOWN,), SCHEMA, None)
    rows, _ = rows.publish(Words())
    rows, updates = rows.take((Change("k", Operation.UPDATE, {"n": "x"}),), SCHEMA, None)
    assert updates == (Invalid("columns of another type: n", data={"n": "x"}),)
    assert rows.publish(Words()).updates == (RowChanged("k", {"id": "a", "n": "x"}), CaughtUp(1))


def test_what_is_taken_can_be_taken_again():
    """Taking a change leaves it, and the rows before it, as they were."""
    empty = Rows()
    assert empty.take((KNOWN,), SCHEMA, None) == empty.take((KNOWN,), SCHEMA, None)
    assert empty == Rows()
