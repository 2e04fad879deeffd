"""Who leaves on hearing that the server drains needs no replacement any more."""

from __future__ import annotations

from reactivex import Observable, abc
from reactivex.disposable import Disposable, SerialDisposable
from reactivex.scheduler import VirtualTimeScheduler

from rx_realtime import ops
from rx_realtime.models import Draining, Opened, Update
from rx_realtime.operators import chained


def test_who_leaves_when_told_of_a_drain_gets_no_replacement() -> None:
    connections = list[abc.ObserverBase[Update]]()
    left = list[int]()

    def connect(
        observer: abc.ObserverBase[Update], _: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        number = len(connections)
        connections.append(observer)
        return Disposable(lambda: left.append(number))

    source: Observable[Update] = chained(connect)
    subscription = SerialDisposable()

    def take(update: Update) -> None:
        if isinstance(update, Draining):
            subscription.dispose()

    clock = VirtualTimeScheduler()
    subscription.disposable = source.pipe(ops.handover(1.0)).subscribe(take, scheduler=clock)
    connections[0].on_next(Opened())
    connections[0].on_next(Draining())
    clock.advance_by(10.0)
    assert len(connections) == 1
    assert left == [0]
