"""A repr that leaves out what it is told to."""

from __future__ import annotations

from rx_realtime.models import RowChanged, RunChanged
from rx_realtime.wire.trigger.records import Record
from rx_realtime.wire.trigger.window import Window


def test_a_repr_leaves_out_what_may_be_a_secret_or_long() -> None:
    assert repr(RowChanged("k", {"canary": 1})) == "RowChanged(key='k')"
    assert "canary" not in repr(RunChanged(data="canary"))
    assert "canary" not in repr(Record("1", "canary"))
    assert repr(Window().with_ids(["canary"])) == "Window(start=0, stop=1)"


def test_what_is_not_shown_is_compared_all_the_same() -> None:
    assert RowChanged("k", {"n": 1}) == RowChanged("k", {"n": 1})
    assert RowChanged("k", {"n": 1}) != RowChanged("k", {"n": 2})
