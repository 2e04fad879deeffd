"""What is left once, whoever comes first: the one who holds, or the one who leaves."""

from __future__ import annotations

from reactivex.disposable import Disposable, SerialDisposable

from rx_realtime.operators._slot import Place, fill


def test_what_is_held_is_left_once() -> None:
    left = list[str]()
    place = Place()
    place.hold(Disposable(lambda: left.append("it")))
    assert not left
    place.dispose()
    place.dispose()
    assert left == ["it"]
    assert place.is_disposed


def test_what_comes_after_leaving_is_left_at_once() -> None:
    left = list[str]()
    place = Place()
    place.dispose()
    place.hold(Disposable(lambda: left.append("it")))
    assert left == ["it"]


def test_who_empties_a_slot_while_it_is_filled_keeps_nothing() -> None:
    left = list[str]()
    slot = SerialDisposable()

    def subscribe() -> Disposable:
        slot.dispose()  # as one does who is told the end while subscribing
        return Disposable(lambda: left.append("it"))

    fill(slot, subscribe)
    assert left == ["it"]
