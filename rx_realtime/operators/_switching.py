"""An operator that listens to one source after the other."""

from __future__ import annotations

from typing import Any

from reactivex import Observable, abc

from ._link import Part, Passing
from ._slot import Slot
from .chain import attach

__all__ = ["Switching"]


class Switching(Part, Slot):
    """Tells an observer what comes from the source that it listens to now.

    `on_error` and `on_completed` are told how that source ended: a subclass says whether this is
    the end of the whole.

    Args:
        observer: who listens to the operator.
        scheduler: with which sources are subscribed to.
    """

    __slots__ = ("_scheduler",)

    def __init__(
        self, observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None
    ) -> None:
        super().__init__(observer)
        self._scheduler = scheduler

    def begin(self, source: Observable[Any]) -> None:
        """Leave what it listens to, and listen to another source."""
        link = Passing(self)
        self.hold(link)  # before it is subscribed: what it delivers at once may make us leave it
        attach(link, source, self._scheduler)
