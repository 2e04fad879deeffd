"""A mapping that is a value, against dicts."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.models import ABSENT
from rx_realtime.models.table import Table

KEYS = st.integers(0, 12)
CHANGES = st.dictionaries(KEYS, st.integers() | st.just(ABSENT), max_size=5)


def after(before: dict[int, int], changes: dict[int, Any]) -> dict[int, int]:
    return {key: value for key, value in {**before, **changes}.items() if value is not ABSENT}


@given(st.dictionaries(KEYS, st.integers()), st.lists(CHANGES, max_size=12))
def test_each_table_is_what_a_dict_would_be_and_stays_so(
    first: dict[int, int], steps: list[dict[int, Any]]
) -> None:
    tables, dicts = [Table(first)], [first]
    for changes in steps:
        dicts.append(after(dicts[-1], changes))
        counted = {"size": len(dicts[-1])} if len(dicts) % 2 else {}
        tables.append(tables[-1].changed(changes, **counted))
    for table, known in zip(tables, dicts, strict=True):
        assert table == known
        assert len(table) == len(known)
        assert dict(table.items()) == known
        assert sorted(table.values()) == sorted(known.values())
        for key in range(14):
            assert (key in table, table.get(key)) == (key in known, known.get(key))


def test_what_is_given_and_what_is_taken_share_nothing_that_changes() -> None:
    entries, changes = {"a": 1}, {"b": 2}
    table = Table(entries).changed(changes)
    entries["a"] = changes["b"] = 3
    assert table == {"a": 1, "b": 2}


def test_a_change_copies_hardly_more_of_a_large_table_than_of_a_small_one() -> None:
    """How many entries are copied for each change, on average over many."""

    def copied(size: int) -> float:
        table = Table(dict.fromkeys(range(size), 0))
        entries, changes = 0, 2 * size
        for number in range(changes):
            table = table.changed({number % size: number})
            entries += len(table._levels[0])
        return entries / changes

    small, large = copied(100), copied(10_000)
    assert large < 3 * small
    assert large < 40


def test_a_view_of_ten_thousand_is_looked_into_in_a_few_steps() -> None:
    table = Table(dict.fromkeys(range(10000), 0))
    for number in range(3000):
        table = table.changed({number: 1})
        assert len(table._levels) <= 8


def test_who_empties_a_table_has_an_empty_one() -> None:
    table = Table(dict.fromkeys(range(100), 0))
    for number in range(100):
        table = table.changed({number: ABSENT})
    assert table == {}
    assert not table
    assert sum(map(len, table._levels)) < 300
