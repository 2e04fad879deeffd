"""Values that came together, for subscribers who leave, raise, or are told of an end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from reactivex import Observable, abc
from reactivex.disposable import Disposable, SerialDisposable

from rx_realtime import ops
from rx_realtime.operators import chained, listen


class Source:
    """Needs no guard, as our operators do not, and tells its subscriber what it is told to."""

    def __init__(self) -> None:
        self.left = 0
        self.values: Observable[Sequence[str]] = chained(self._subscribe)

    def _subscribe(
        self, observer: abc.ObserverBase[Sequence[str]], _: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        self.observer = observer
        return Disposable(self._leave)

    def _leave(self) -> None:
        self.left += 1


def test_who_leaves_in_the_middle_is_given_no_more() -> None:
    source, seen, subscription = Source(), list[str](), SerialDisposable()

    def take(value: str) -> None:
        seen.append(value)
        if value == "b":
            subscription.dispose()

    # Without the guard of RxPY, as an operator listens to its neighbour.
    subscription.disposable = listen(
        source.values.pipe(ops.one_by_one()), take, print, print, scheduler=None
    )
    source.observer.on_next("abcd")
    assert (seen, source.left) == (["a", "b"], 1)


def test_who_raises_in_the_middle_is_given_no_more_and_whoever_sent_it_is_told() -> None:
    source, seen = Source(), list[str]()

    def take(value: str) -> None:
        seen.append(value)
        raise ZeroDivisionError

    source.values.pipe(ops.one_by_one()).subscribe(take)
    with pytest.raises(ZeroDivisionError):
        source.observer.on_next("abcd")
    assert seen == ["a"]


@pytest.mark.parametrize("error", [None, ZeroDivisionError()])
def test_the_end_comes_once_and_leaves_the_source_first(error: Exception | None) -> None:
    source, seen = Source(), list[Any]()

    def note(what: object) -> None:
        seen.append((what, source.left))

    listen(source.values.pipe(ops.one_by_one()), note, note, lambda: note(None), scheduler=None)
    for _ in range(2):
        if error is None:
            source.observer.on_completed()
        else:
            source.observer.on_error(error)
    assert seen == [(error, 1)]
