"""Which ids were seen lately."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.wire.trigger.window import MOST, REMEMBERED, Window


def test_the_latest_ids_are_remembered_and_not_many_more() -> None:
    window = Window()
    for number in range(20_000):
        window = window.with_ids([str(number)])
    assert all(str(number) in window for number in range(20_000 - REMEMBERED, 20_000))
    assert REMEMBERED <= len(window) <= MOST
    assert len(window.places) == len(window)
    assert "0" not in window


def test_a_window_is_a_value() -> None:
    before = Window().with_ids(["a"])
    after = before.with_ids(["b"])
    assert "b" in after
    assert "b" not in before
    assert "a" in after
    other = before.with_ids(["c"])
    assert ("b" in other, "c" in other, "c" in after) == (False, True, False)


def test_a_window_costs_the_same_however_many_it_remembers() -> None:
    """What it shares with the one before it is no copy."""
    before = Window().with_ids(map(str, range(REMEMBERED)))
    after = before.with_ids(["new"])
    assert after.places is before.places


def test_ids_may_come_by_the_thousand() -> None:
    window = Window().with_ids(map(str, range(30_000)))
    assert "29999" in window
    assert len(window) == REMEMBERED
    assert "39999" in window.with_ids(map(str, range(30_000, 40_000)))


@given(st.lists(st.tuples(st.integers(0, 5), st.lists(st.integers(0, 9), max_size=4))))
def test_windows_that_share_a_table_are_sets_of_their_own(
    steps: list[tuple[int, list[int]]],
) -> None:
    """Each step goes on from any of the windows before it."""
    windows, sets = [Window()], [set[str]()]
    for origin, numbers in steps:
        before = sets[origin % len(sets)]
        new = [name for name in map(str, dict.fromkeys(numbers)) if name not in before]
        windows.append(windows[origin % len(sets)].with_ids(new))
        sets.append({*before, *new})
    for window, ids in zip(windows, sets, strict=True):
        assert {name for name in map(str, range(10)) if name in window} == ids
        assert len(window) == len(ids)
