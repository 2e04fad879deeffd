"""A mapping that is a value: what changes is a new one, and nearly all of it is shared."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import Any, Final, TypeVar, cast

from .update import ABSENT

__all__ = ["Table"]

K = TypeVar("K")
V_co = TypeVar("V_co", covariant=True)


class Table(Mapping[K, V_co]):
    """An immutable mapping, of which a changed one is made at a cost that hardly grows with it.

    It is kept in levels, each several times as large as the one that lies on top of it. A change is
    a small level on top, and levels of about one size become one. So there are few levels to look
    into, an entry is copied a few times for each of them, and a table that somebody keeps costs
    what differs in it.
    """

    __slots__ = ("_len", "_levels")

    def __init__(self, entries: Mapping[K, V_co] | None = None) -> None:
        self._levels: tuple[dict[K, Any], ...] = (dict(entries),) if entries else ()
        self._len = len(entries) if entries else 0

    def changed(self, changes: Mapping[K, Any], *, size: int | None = None) -> Table[K, V_co]:
        """Return the table with these entries; `ABSENT` takes one out.

        Args:
            changes: what is to be under which key.
            size: how many entries there are then, for who has counted them already.
        """
        if not changes:
            return self
        if size is None:
            is_here, size = self.__contains__, self._len
            for key, value in changes.items():
                size += (value is not ABSENT) - is_here(key)
        levels, top = self._levels, dict(changes)
        while levels and len(levels[0]) <= _RATIO * len(top):
            top = levels[0] | top
            levels = levels[1:]
        if not levels and len(top) > size:  # below is nothing left that an entry could hide
            top = {key: value for key, value in top.items() if value is not ABSENT}
        table: Table[K, V_co] = Table()
        table._levels, table._len = (top, *levels), size
        return table

    def __getitem__(self, key: K) -> V_co:
        for level in self._levels:
            value = level.get(key, _NOT_HERE)
            if value is not _NOT_HERE:
                if value is ABSENT:
                    break
                return cast(V_co, value)
        raise KeyError(key)

    def get(self, key: K, default: Any = None) -> Any:
        """Return the value of a key, or the default."""
        for level in self._levels:
            value = level.get(key, _NOT_HERE)
            if value is not _NOT_HERE:
                return default if value is ABSENT else value
        return default

    def __contains__(self, key: object) -> bool:
        return self.get(cast(K, key), ABSENT) is not ABSENT

    def __iter__(self) -> Iterator[K]:
        return iter(self._whole())

    def items(self) -> ItemsView[K, V_co]:
        """Return all keys and values; this costs as much as there are."""
        return self._whole().items()

    def values(self) -> ValuesView[V_co]:
        """Return all values, as `items` does."""
        return self._whole().values()

    def _whole(self) -> dict[K, Any]:
        """Put the levels together. What is returned must not be changed."""
        if len(self._levels) == 1:
            return self._levels[0]
        whole = dict[K, Any]()
        for level in reversed(self._levels):
            whole |= level
        return {key: value for key, value in whole.items() if value is not ABSENT}

    def __len__(self) -> int:
        return self._len

    def __repr__(self) -> str:
        return f"Table({dict(self)!r})"


_RATIO: Final = 4
_NOT_HERE: Final = object()
