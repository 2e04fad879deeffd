"""What marbles cannot draw: subscribers who come, go and raise while a value is being told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import reactivex as rx
from reactivex import Observable, Subject, abc
from reactivex.disposable import Disposable

from rx_realtime.operators import shared


class Source:
    """Counts who comes and who leaves."""

    def __init__(self) -> None:
        self.values: Subject[Any] = Subject()
        self.open = self.came = 0

    @property
    def shared(self) -> Observable[Any]:
        def subscribe(observer: abc.ObserverBase[Any], _: Any = None) -> abc.DisposableBase:
            self.open += 1
            self.came += 1
            inner = self.values.subscribe(observer)

            def leave() -> None:
                self.open -= 1
                inner.dispose()

            return Disposable(leave)

        return rx.create(subscribe).pipe(shared())


def test_the_last_to_leave_inside_on_next_leaves_the_source():
    source, seen = Source(), list[int]()
    hub = source.shared

    def once(value: int) -> None:
        seen.append(value)
        subscription.dispose()

    subscription = hub.subscribe(once)
    source.values.on_next(1)
    source.values.on_next(2)
    assert seen == [1]
    assert source.open == 0


def test_one_who_leaves_and_comes_back_inside_on_next_has_a_source_again():
    source, seen = Source(), list[Any]()
    hub = source.shared

    def again(value: int) -> None:
        subscriptions.pop().dispose()
        subscriptions.append(hub.subscribe(lambda later: seen.append((value, later))))

    subscriptions = [hub.subscribe(again)]
    source.values.on_next(1)
    assert (source.open, source.came) == (1, 2)
    source.values.on_next(2)
    assert (1, 2) in seen
    subscriptions.pop().dispose()
    assert source.open == 0


def test_one_who_is_made_to_leave_is_told_nothing_more():
    source, seen = Source(), list[int]()
    hub = source.shared
    first = hub.subscribe(lambda _: second.dispose())
    second = hub.subscribe(seen.append)
    source.values.on_next(1)
    assert seen == []
    first.dispose()
    assert source.open == 0


@pytest.mark.parametrize("end", ["on_completed", "on_error"])
def test_one_who_comes_back_at_the_end_begins_anew(end: str):
    source, seen = Source(), list[int]()
    hub = source.shared

    def again(*_: Any) -> None:
        source.values = Subject()
        hub.subscribe(seen.append)

    hub.subscribe(on_error=again, on_completed=again)
    finish: Callable[..., None] = getattr(source.values, end)
    finish(*([ValueError()] if end == "on_error" else []))
    assert (source.open, source.came) == (1, 2)
    source.values.on_next(7)
    assert seen == [7]


def test_a_source_that_speaks_while_it_is_subscribed_tells_the_first():
    seen = list[int]()
    hub = rx.of(1, 2, 3).pipe(shared())
    hub.subscribe(seen.append)
    hub.subscribe(seen.append)
    assert seen == [1, 2, 3, 1, 2, 3]


@pytest.mark.parametrize("listens_to_errors", [True, False])
def test_one_who_raises_is_told_so_logged_once_and_left_out(
    caplog: pytest.LogCaptureFixture, listens_to_errors: bool
):
    source, seen, told = Source(), list[int](), list[Exception]()
    hub = source.shared

    def fail(value: int) -> None:
        raise ValueError(value)

    before = hub.subscribe(seen.append)
    hub.subscribe(fail, told.append if listens_to_errors else None)
    after = hub.subscribe(seen.append)
    source.values.on_next(1)
    source.values.on_next(2)
    assert seen == [1, 1, 2, 2]
    assert [str(each) for each in told] == (["1"] if listens_to_errors else [])
    assert len([each for each in caplog.records if each.levelno >= logging.ERROR]) == 1
    before.dispose()
    after.dispose()
    assert source.open == 0


def test_the_only_one_who_raises_leaves_the_source():
    source = Source()

    def fail(_: int) -> None:
        raise ValueError

    source.shared.subscribe(fail, lambda _: None)
    source.values.on_next(1)
    assert source.open == 0


def test_one_who_raises_at_the_end_keeps_it_from_nobody(caplog: pytest.LogCaptureFixture):
    source, ended = Source(), list[str]()
    hub = source.shared

    def fail() -> None:
        raise ValueError

    hub.subscribe(on_completed=fail)
    hub.subscribe(on_completed=lambda: ended.append("told"))
    source.values.on_completed()
    assert ended == ["told"]
    assert "raised at the end" in caplog.text


def test_a_value_inside_a_value_reaches_everybody():
    source, seen = Source(), list[Any]()
    hub = source.shared

    def echo(value: int) -> None:
        seen.append(("first", value))
        if value == 1:
            source.values.on_next(2)

    hub.subscribe(echo)
    hub.subscribe(lambda value: seen.append(("second", value)))
    source.values.on_next(1)
    assert sorted(seen) == [("first", 1), ("first", 2), ("second", 1), ("second", 2)]
