"""Which ids were seen lately: a bounded set that is a value."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import ClassVar, Final

from msgspec import field

from ...models.reticent import Reticent

__all__ = ["MOST", "REMEMBERED", "Window"]

#: How many of the latest ids are remembered, at least, and how many at most.
REMEMBERED: Final = 5000
MOST: Final = 6500


class Window(Reticent, frozen=True):
    """The latest ids.

    A window and those made of it share one table, which only grows at its end: what comes after
    `stop` is of later windows. So another id costs the same, however many are remembered.

    Attributes:
        places: when each id came, in that order.
        start: what came before is forgotten.
        stop: what comes from here on is not ours.
    """

    places: dict[str, int] = field(default_factory=dict[str, int])
    start: int = 0
    stop: int = 0
    _unshown: ClassVar = ("places",)

    def __contains__(self, each: str) -> bool:
        place = self.places.get(each)
        return place is not None and place < self.stop

    def __len__(self) -> int:
        return self.stop - self.start

    def with_ids(self, ids: Iterable[str]) -> Window:
        """Return the window after these ids, too. Each of them is new."""
        places, start, stop = self.places, self.start, self.stop
        if len(places) > len(self):  # another window went on from here
            places = dict(islice(places.items(), len(self)))
        for each in ids:
            places[each] = stop
            stop += 1
        if stop - start > MOST:
            start = stop - REMEMBERED
            places = dict(islice(places.items(), len(places) - REMEMBERED, None))
        return Window(places, start, stop)
