"""An answer's updates, one by one, for who leaves, raises, or is told of an end in the middle."""

from __future__ import annotations

from typing import Any

import pytest
from reactivex import Observable, Subject, abc
from reactivex.disposable import Disposable, SerialDisposable

from rx_realtime.models import CaughtUp, Stored, Update
from rx_realtime.operators import chained, listen
from rx_realtime.sources.trigger.packets import unpacked
from rx_realtime.wire.trigger.words import run_change
from tests.virtual_trigger import as_run, row

ANSWER: tuple[Update, ...] = tuple(map(CaughtUp, range(4)))


class Server:
    """Answers when it is told to, and has values that it keeps elsewhere."""

    def __init__(self) -> None:
        self.left = 0
        self.fetched: Subject[Any] = Subject()
        self.updates: Observable[Update] = chained(self._subscribe).pipe(unpacked(self._fetch))

    def _subscribe(
        self,
        observer: abc.ObserverBase[tuple[Update, ...]],
        _: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        self.observer = observer
        return Disposable(self._leave)

    def _leave(self) -> None:
        self.left += 1

    def _fetch(self, _: str, __: Stored) -> Observable[Any]:
        return self.fetched


def kept_elsewhere(run_id: str) -> Update:
    stored = row(run_id, output="path", outputType="application/store")
    return run_change(as_run(stored["value"]))


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "after a value was fetched"])
def test_who_leaves_in_the_middle_of_an_answer_is_told_no_more(waits: bool) -> None:
    server, seen, subscription = Server(), list[Update](), SerialDisposable()

    def take(update: Update) -> None:
        seen.append(update)
        if update == ANSWER[1]:
            subscription.dispose()

    # Without the guard of RxPY, as an operator listens to its neighbour.
    subscription.disposable = listen(server.updates, take, print, print, scheduler=None)
    if waits:
        server.observer.on_next((kept_elsewhere("a"), ANSWER[1], kept_elsewhere("b")))
        server.fetched.on_next("big")
        assert [getattr(each, "run_id", None) for each in seen] == ["a", None]
    else:
        server.observer.on_next(ANSWER)
        assert seen == list(ANSWER[:2])
    assert server.left == 1


def test_who_raises_in_the_middle_of_an_answer_is_told_no_more_of_it() -> None:
    server, seen = Server(), list[Update]()

    def take(update: Update) -> None:
        seen.append(update)
        raise ZeroDivisionError

    server.updates.subscribe(take)
    with pytest.raises(ZeroDivisionError):
        server.observer.on_next(ANSWER)
    assert seen == [ANSWER[0]]


def test_the_end_comes_once_and_leaves_the_source_first() -> None:
    server, ends = Server(), list[int]()

    def end(*_: Exception) -> None:
        ends.append(server.left)

    listen(server.updates, lambda _: None, end, end, scheduler=None)
    server.observer.on_error(ZeroDivisionError())
    server.observer.on_completed()
    assert ends == [1]
