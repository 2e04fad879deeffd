"""Which ids were seen lately: a bounded set that is a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

__all__ = ["Window"]

#: How many of the latest ids are remembered, at least.
REMEMBERED: Final = 5000
_LARGEST: Final = 1024


@dataclass(frozen=True, slots=True)
class Window:
    """The latest ids.

    Attributes:
        levels: the oldest and largest first. An id is copied a few times while levels grow, and
            never once more: adding one costs no more because others are remembered.
    """

    levels: tuple[frozenset[str], ...] = ()

    def __contains__(self, each: str) -> bool:
        return any(each in level for level in self.levels)

    def __len__(self) -> int:
        return sum(map(len, self.levels))

    def with_ids(self, ids: Iterable[str]) -> Window:
        """Return the window after these ids, too."""
        newest = frozenset(ids)
        if not newest:
            return self
        levels = self.levels
        while levels and len(levels[-1]) <= len(newest) < _LARGEST:
            newest |= levels[-1]
            levels = levels[:-1]
        levels = (*levels, newest)
        while sum(map(len, levels[1:])) >= REMEMBERED:
            levels = levels[1:]
        return Window(levels)
