"""Make before break: a new connection opens before the old one closes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

from reactivex import Observable, abc
from reactivex.disposable import Disposable, SerialDisposable
from reactivex.scheduler import TimeoutScheduler

from ..errors import is_retryable
from ..models import Closed, Connecting, Draining, Failed, Opened, Update
from ._slot import fill
from .backoff import Wait, backoff, delay_of
from .chain import chained, fast_lane, listen

__all__ = ["handover"]


def handover(
    overlap: float = 1.0,
    *,
    wait: Wait | None = None,
    key: Callable[[Update], Hashable] = repr,
    scheduler: abc.SchedulerBase | None = None,
) -> Callable[[Observable[Update]], Observable[Update]]:
    """When the server says that it will close, subscribe again before it does.

    The old connection goes on until the new one is open, and `overlap` seconds more: the server
    may say that a connection is open before it is. What both deliver is delivered once. If the
    new one cannot be opened, the old one goes on and the attempt is repeated; if the old one
    breaks off first, its error goes through, and reconnecting is somebody else's.

    Args:
        overlap: seconds in which both connections deliver, and after which what the old one
            delivered is forgotten.
        wait: the waits between attempts to open the new connection. Default: `backoff()`.
        key: what makes two updates the same one; by default everything they say.
        scheduler: where waits are slept.
    """
    waits = backoff() if wait is None else wait

    def _handover(source: Observable[Update]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler_: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = scheduler or scheduler_ or TimeoutScheduler.singleton()
            connections = [SerialDisposable()]  # the one that counts, and its replacement
            timer, memory = SerialDisposable(), SerialDisposable()
            both, hand_on = _Both(key), fast_lane(observer)
            leading = attempt = 0
            is_replaced = False  # the replacement is open, and the old one not yet left

            def connect(number: int) -> None:
                def on_message(message: Any) -> None:
                    if both.compared:
                        on_next(number, message)
                    else:
                        hand_on(message)

                fill(
                    connections[number - leading],
                    lambda: listen(
                        source,
                        lambda update: on_next(number, update),
                        lambda error: on_error(number, error),
                        observer.on_completed,
                        scheduler=scheduler_,
                        lane=on_message,
                    ),
                )

            def on_next(number: int, update: Update) -> None:
                nonlocal is_replaced
                match update:
                    case Opened() if number != leading:
                        is_replaced = True
                        both.compare(leading, number)
                        memory.disposable = None
                        timer.disposable = clock.schedule_relative(overlap, hand_over)
                        observer.on_next(update)
                    case Connecting() | Opened() | Failed() | Closed() | Draining() if (
                        number != leading or is_replaced
                    ):
                        pass
                    case Draining() if len(connections) == 1:
                        observer.on_next(update)
                        replace()
                    case _ if both.is_first(number, update):
                        observer.on_next(update)
                    case _:
                        pass

            def replace(*_: Any) -> None:
                connections[1:] = [SerialDisposable()]
                connect(leading + 1)

            def hand_over(*_: Any) -> None:
                nonlocal leading, attempt, is_replaced
                leading, attempt, is_replaced = leading + 1, 0, False
                timer.disposable = None
                connections.pop(0).dispose()
                forget_later()

            def forget_later() -> None:
                memory.disposable = clock.schedule_relative(overlap, both.forget)

            def on_error(number: int, error: Exception) -> None:
                nonlocal attempt, is_replaced
                if number == leading:
                    if is_replaced:
                        hand_over()
                    else:
                        observer.on_error(error)
                    return
                if is_replaced:
                    is_replaced = False
                    forget_later()
                attempt += 1
                delay = delay_of(attempt, error, waits) if is_retryable(error) else None
                timer.disposable = (
                    None if delay is None else clock.schedule_relative(delay, replace)
                )

            def leave() -> None:
                for each in (timer, memory, *connections):
                    each.dispose()

            connect(0)
            return Disposable(leave)

        return chained(subscribe)

    return _handover


class _Both:
    """Tells which updates of two connections came first, while both say the same things."""

    def __init__(self, key: Callable[[Update], Hashable]) -> None:
        self._key = key
        self._ahead: Counter[Hashable] = Counter()  # how often more the old one said it
        self.compared: tuple[int, int] | None = None  # the two, while both say the same

    def compare(self, old: int, new: int) -> None:
        self.compared = (old, new)
        self._ahead.clear()

    def forget(self, *_: Any) -> None:
        self.compared = None
        self._ahead.clear()

    def is_first(self, number: int, update: Update) -> bool:
        if self.compared is None:
            return True
        said, ahead = self._key(update), self._ahead
        if number == self.compared[0]:
            ahead[said] += 1
            return ahead[said] > 0
        ahead[said] -= 1
        return ahead[said] < 0
