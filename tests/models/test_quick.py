"""Values that are made fast are values as any other."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime
from typing import Any

import pytest

from rx_realtime.models import Chunk, Run, RunChanged
from rx_realtime.models.quick import quick

AT = datetime(2026, 6, 6, tzinfo=UTC)
SAME: list[tuple[Any, dict[str, Any]]] = [
    (Chunk, {"stream_id": "ai", "topic": "ai", "data": {"n": 1}, "id": "7", "at": AT}),
    (Chunk, {"stream_id": "ai", "topic": "ai", "data": None}),
    (RunChanged, {}),
    (Run, {"id": "run_1", "task_identifier": "cut", "status": "QUEUED", "created_at": AT}),
]


@pytest.mark.parametrize(("cls", "values"), SAME)
def test_a_value_made_fast_is_the_same_as_one_made_slowly(cls: Any, values: dict[str, Any]) -> None:
    fast, slow = quick(cls)(**values), cls(**values)
    assert type(fast) is cls
    assert fast == slow
    assert repr(fast) == repr(slow)
    assert copy.deepcopy(fast) == slow


@pytest.mark.parametrize(("cls", "values"), SAME)
def test_it_is_as_frozen(cls: Any, values: dict[str, Any]) -> None:
    fast = quick(cls)(**values)
    for field in fields(cls):
        with pytest.raises(FrozenInstanceError):
            setattr(fast, field.name, 1)
    with pytest.raises((AttributeError, TypeError)):
        fast.more = 1


def test_two_of_them_share_nothing_that_can_change() -> None:
    run = quick(Run)
    one, other = (run(id=i, task_identifier="", status="", created_at=AT) for i in "ab")
    assert one.raw is not other.raw


def test_what_is_missing_or_too_much_is_refused() -> None:
    with pytest.raises(TypeError, match="data"):
        quick(Chunk)("ai", "ai")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="more"):
        quick(Chunk)("ai", "ai", 1, more=1)  # type: ignore[call-arg]
