"""What stands beside JSON, to say what it cannot."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.wire.trigger.superjson import revive

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON, JSON)
def test_notes_of_superjson_may_say_anything(value: Any, notes: Any):
    revive(value, {"values": notes})
    revive(value, notes)


def test_deep_notes_are_left_alone():
    notes: Any = ["Date"]
    for _ in range(5000):
        notes = {"a": notes}
    assert revive({"a": 1}, {"values": notes}) == {"a": 1}
