"""A list of the latest values whose snapshots cost nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar, overload

from ..errors import OptionError

__all__ = ["History"]

T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")
_new = object.__new__  # looked up once: a history is made of every message


class History(Sequence[T_co], Generic[T_co]):
    """The last `limit` values, oldest first; immutable to whoever holds it.

    Appending returns the next history. All histories that grew out of each other look into one
    append-only list, each at its own window, so that an append and a snapshot both cost O(1),
    whatever the limit: a copied tuple would cost O(limit) for every message. When half of the
    list lies outside the window, the window moves to a list of its own (O(1) amortised).

    Args:
        values: what it starts with.
        limit: how many values to keep: None keeps all, 0 keeps none.

    Raises:
        OptionError: if the limit is negative.
    """

    __slots__ = ("_items", "_start", "_stop", "limit")

    def __init__(self, values: Iterable[T_co] = (), *, limit: int | None = None) -> None:
        if limit is not None and limit < 0:
            raise OptionError(f"a history limit is None or at least 0, not {limit}")
        self._items = list(values if limit is None else deque(values, limit))
        self._start, self._stop, self.limit = 0, len(self._items), limit

    def append(self: History[U], value: U) -> History[U]:
        """Return the history that has `value` as its last."""
        items, start, stop, limit = self._items, self._start, self._stop, self.limit
        if stop != len(items) or (limit is not None and start > limit):
            # Another history grew out of this one already, or half of the list is behind us.
            items = items[start:stop]
            start, stop = 0, len(items)
        items.append(value)
        stop += 1
        if limit is not None and stop - start > limit:
            start = stop - limit
        history: History[U] = _new(History)  # pyright: ignore[reportUnknownVariableType]  # of U
        history._items, history._start = items, start  # one of our own
        history._stop, history.limit = stop, limit
        return history

    def extend(self: History[U], values: Iterable[U]) -> History[U]:
        """Return the history that has all `values` behind its last."""
        history = self
        for value in values:
            history = history.append(value)
        return history

    def with_limit(self, limit: int | None) -> History[T_co]:
        """Return the same history under another limit, trimmed at once."""
        return self if limit == self.limit else History(self, limit=limit)

    def cleared(self) -> History[T_co]:
        """Return the empty history with the same limit."""
        return History(limit=self.limit)

    def __len__(self) -> int:
        return self._stop - self._start

    def __iter__(self) -> Iterator[T_co]:
        return islice(self._items, self._start, self._stop)

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T_co]: ...
    def __getitem__(self, index: int | slice) -> T_co | Sequence[T_co]:
        window = range(self._start, self._stop)[index]
        if isinstance(window, range):
            return tuple(self._items[i] for i in window)
        return self._items[window]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str | bytes):
            return NotImplemented
        return len(self) == len(other) and all(map(_same, self, other))  # pyright: ignore[reportUnknownArgumentType]

    __hash__ = None  # type: ignore[assignment]  # holds values that need not be hashable

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[-3:]))
        more = "… " if len(self) > 3 else ""
        return f"History([{more}{shown}], len={len(self)}, limit={self.limit})"


def _same(one: object, other: object) -> bool:
    return one is other or one == other
