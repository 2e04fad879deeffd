"""Which ids were seen lately."""

from __future__ import annotations

from rx_realtime.wire.trigger.window import REMEMBERED, Window


def test_the_latest_ids_are_remembered_and_not_many_more() -> None:
    window = Window()
    for number in range(20_000):
        window = window.with_ids([str(number)])
    assert all(str(number) in window for number in range(20_000 - REMEMBERED, 20_000))
    assert len(window) <= REMEMBERED + 1024
    assert len(window.levels) < 30
    assert "0" not in window


def test_a_window_is_a_value() -> None:
    before = Window().with_ids(["a"])
    after = before.with_ids(["b"])
    assert "b" in after
    assert "b" not in before
    assert before.with_ids([]) is before


def test_ids_may_come_by_the_thousand() -> None:
    window = Window().with_ids(map(str, range(30_000)))
    assert "29999" in window
    assert len(window.with_ids(map(str, range(30_000, 40_000)))) == 10_000
