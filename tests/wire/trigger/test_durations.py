from __future__ import annotations

from datetime import timedelta

import pytest

from rx_realtime.wire.trigger.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("2hr", timedelta(hours=2)),
        ("1w2d3h4m5s", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
        ("5s5s", timedelta(seconds=10)),
        ("0s", timedelta()),
    ],
)
def test_durations_are_read(text: str, duration: timedelta):
    """Case 46."""
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    ["", "soon", "1", "h", "1 h", "1h ", "-1h", "1.5h", "1y", "٣h", "9" * 99 + "w", "1s" * 51],
)
def test_what_is_none_is_none(text: str):
    """Case 46."""
    assert parse_duration(text) is None
