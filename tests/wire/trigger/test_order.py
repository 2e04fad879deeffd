"""A place in a stream's log: the way that is nearly always taken leads where the long one does."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.wire.trigger.order import Order
from rx_realtime.wire.trigger.records import Batch, Record


def record(number: int) -> Record:
    at = datetime.fromtimestamp(number, UTC) if number % 3 else None
    return Record(str(number), number, number, at)


RECORDS = st.lists(st.integers(0, 8), max_size=5).map(lambda numbers: [*map(record, numbers)])
RUNS = st.builds(range, st.integers(0, 8), st.integers(0, 8)).map(lambda run: [*map(record, run)])
BATCHES = st.lists((RECORDS | RUNS).map(tuple), max_size=6)


@given(BATCHES, st.sampled_from([Order(), Order.after("1"), Order.starting(3)]))
def test_records_that_follow_are_taken_in_as_if_they_had_been_sorted(
    batches: list[tuple[Record, ...]], order: Order
) -> None:
    for records in batches:
        sorted_in = order._sorted(records)
        assert order.batch(Batch(records)) == sorted_in
        assert order.expected(records) in (None, sorted_in)
        order = sorted_in.order


def test_what_follows_is_not_sorted() -> None:
    assert Order.after("1").expected((record(2), record(3))) is not None
    assert Order.after("1").expected((record(3),)) is None
    assert Order().expected((record(3), record(5))) is None
