"""What is left once, whoever comes first: the one who holds, or the one who leaves."""

from __future__ import annotations

import reactivex as rx
from reactivex import abc
from reactivex.disposable import Disposable

from rx_realtime.operators._slot import Place, Slot
from rx_realtime.operators.chain import listen


def leaving(left: list[str], name: str = "it") -> Disposable:
    return Disposable(lambda: left.append(name))


def test_what_is_held_is_left_once() -> None:
    left = list[str]()
    place = Place()
    place.hold(leaving(left))
    assert not left
    place.dispose()
    place.dispose()
    assert left == ["it"]
    assert place.is_disposed


def test_what_comes_after_leaving_is_left_at_once() -> None:
    left = list[str]()
    place = Place()
    place.dispose()
    place.hold(leaving(left))
    assert left == ["it"]


def test_a_slot_leaves_one_when_the_next_one_comes() -> None:
    left = list[str]()
    slot = Slot()
    slot.hold(leaving(left, "one"))
    slot.hold(leaving(left, "two"))
    assert left == ["one"]
    slot.empty()
    assert left == ["one", "two"]
    slot.hold(leaving(left, "three"))
    assert not slot.is_disposed
    slot.dispose()
    slot.hold(leaving(left, "four"))
    assert left == ["one", "two", "three", "four"]


def test_who_empties_a_slot_while_it_is_filled_keeps_nothing() -> None:
    left = list[str]()
    slot = Slot()

    def subscribe(
        observer: abc.ObserverBase[int], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        observer.on_completed()
        return leaving(left)

    listen(rx.create(subscribe), print, print, slot.dispose, scheduler=None, into=slot)
    assert left == ["it"]
