"""History against a plain list, its snapshots, and what an append costs."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from typing import Any, NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from rx_realtime.errors import OptionError
from rx_realtime.models import History

LIMITS = st.sampled_from([None, 0, 1, 2, 3, 7])


class Snapshot(NamedTuple):
    """A history, and the plain list that it must look like for ever."""

    history: History[int]
    model: list[int]


def tail(model: list[int], limit: int | None) -> list[int]:
    return model if limit is None else model[max(0, len(model) - limit) :]


class Histories(RuleBasedStateMachine):
    """Grows histories out of any earlier one, and looks at all of them after each step."""

    snapshots = Bundle("snapshots")

    def __init__(self) -> None:
        super().__init__()
        self.every = list[Snapshot]()
        self.value = 0

    def keep(self, history: History[int], model: list[int]) -> Snapshot:
        snapshot = Snapshot(history, tail(model, history.limit))
        self.every.append(snapshot)
        return snapshot

    @rule(target=snapshots, size=st.integers(0, 5), limit=LIMITS)
    def begin(self, size: int, limit: int | None) -> Snapshot:
        return self.keep(History(range(size), limit=limit), list(range(size)))

    @rule(target=snapshots, one=snapshots)
    def append(self, one: Snapshot) -> Snapshot:
        self.value += 1
        return self.keep(one.history.append(self.value), [*one.model, self.value])

    @rule(target=snapshots, one=snapshots, size=st.integers(0, 20))
    def extend(self, one: Snapshot, size: int) -> Snapshot:
        return self.keep(one.history.extend(range(size)), [*one.model, *range(size)])

    @rule(target=snapshots, one=snapshots, limit=LIMITS)
    def limit(self, one: Snapshot, limit: int | None) -> Snapshot:
        history = one.history.with_limit(limit)
        assert history.limit == limit
        return self.keep(history, one.model)

    @rule(target=snapshots, one=snapshots)
    def clear(self, one: Snapshot) -> Snapshot:
        history = one.history.cleared()
        assert history.limit == one.history.limit
        return self.keep(history, [])

    @rule(one=snapshots, cut=st.slices(8), index=st.integers(-9, 9))
    def look_inside(self, one: Snapshot, cut: slice, index: int) -> None:
        history, model = one
        assert list(history[cut]) == model[cut]
        assert list(reversed(history)) == model[::-1]
        assert (index in history) == (index in model)
        assert history.count(index) == model.count(index)
        if -len(model) <= index < len(model):
            assert history[index] == model[index]
        else:
            with pytest.raises(IndexError):
                history[index]

    @invariant()
    def every_history_still_looks_like_its_list(self) -> None:
        for history, model in self.every:
            assert list(history) == model
            assert len(history) == len(model)
            assert history == model


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=25)


# ── what it costs ─────────────────────────────────────────────────────────────────────────────


class Counted(list[Any]):
    """A list that counts how many elements were copied out of it."""

    copied = 0

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            return super().__getitem__(index)
        got = Counted(super().__getitem__(index))
        Counted.copied += len(got)
        return got


def counted(history: History[int]) -> History[int]:
    history._items = Counted(history._items)
    Counted.copied = 0
    return history


@pytest.mark.parametrize("limit", [None, 0, 1, 10, 1000])
def test_an_append_copies_at_most_one_element_on_average(limit: int | None):
    appends = 10_000
    history = counted(History(limit=limit))
    for value in range(appends):
        history = history.append(value)
    assert len(history) == (appends if limit is None else limit)
    assert Counted.copied <= appends
    if limit is None:
        assert Counted.copied == 0


@pytest.mark.parametrize("limit", [None, 100])
def test_a_snapshot_that_somebody_holds_makes_no_append_dearer(limit: int | None):
    history, held = counted(History(limit=limit)), list[History[int]]()
    for value in range(1000):
        history = history.append(value)
        held.append(history)
    assert Counted.copied <= 1000
    assert [snapshot[-1] for snapshot in held] == list(range(1000))


@pytest.mark.parametrize("limit", [0, 1, 10, 100])
def test_no_more_than_twice_the_limit_is_kept(limit: int):
    history = History[int](limit=limit)
    for value in range(1000):
        history = history.append(value)
        assert len(history._items) <= 2 * limit + 1


class Big:
    """Something whose end can be watched."""


def test_a_lowered_limit_lets_go_of_what_it_leaves_out_at_once():
    history = History([Big() for _ in range(100)])
    oldest, newest = weakref.ref(history[0]), weakref.ref(history[-1])
    history = history.with_limit(1)
    gc.collect()
    assert oldest() is None
    assert newest() is history[0]


# ── what it is ────────────────────────────────────────────────────────────────────────────────


def test_a_negative_limit_is_refused():
    with pytest.raises(OptionError, match="at least 0, not -1"):
        History[int](limit=-1)
    with pytest.raises(OptionError):
        History[int]().with_limit(-1)


def test_the_same_limit_gives_the_same_history():
    history = History([1, 2], limit=3)
    assert history.with_limit(3) is history


def test_it_equals_any_sequence_of_the_same_values_and_no_text():
    history = History(["a", "b"])
    assert history == ["a", "b"]
    assert history == ("a", "b")
    assert history == History(["x", "a", "b"], limit=2)
    assert history != ["a"]
    assert history != ["a", "c"]
    assert history != "ab"
    assert history != 5
    assert history != {"a", "b"}


def test_values_that_equal_nothing_equal_themselves():
    nan = float("nan")
    assert History([nan]) == History([nan])


def test_it_cannot_be_hashed_because_its_values_need_not_be():
    with pytest.raises(TypeError):
        hash(History([1]))


def test_it_can_be_read_while_it_grows():
    history = History([1, 2, 3])
    seen = list[int]()
    for value in history:
        seen.append(value)
        history.append(value)
    assert seen == [1, 2, 3]


def test_it_shows_its_end():
    assert repr(History[int]()) == "History([], len=0, limit=None)"
    assert repr(History([1, 2, 3], limit=5)) == "History([1, 2, 3], len=3, limit=5)"
    assert repr(History(range(9))) == "History([… 6, 7, 8], len=9, limit=None)"


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda history: pickle.loads(pickle.dumps(history))],  # noqa: S301
    ids=["copied", "copied deeply", "pickled"],
)
def test_a_copy_goes_its_own_way(copied):
    history = History([1, 2, 3], limit=3)
    twin = copied(history)
    assert twin == history
    assert history.append(4) == [2, 3, 4]
    assert twin.append(5) == [2, 3, 5]
