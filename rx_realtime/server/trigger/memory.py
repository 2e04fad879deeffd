"""What was triggered under which key, so that nothing happens twice."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from .runs import now

__all__ = ["Memory"]

_KEPT: Final = 10_000
_LIFETIME: Final = timedelta(days=30)


class Memory:
    """Ids by the keys under which they were made; the latest ones, each for its time."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, ...], tuple[str, datetime]] = OrderedDict()

    def get(self, *key: str) -> str | None:
        """Return what was made under a key."""
        made = self._made.get(key)
        return None if made is None or made[1] <= now() else made[0]

    def put(self, made: str, *key: str, lifetime: timedelta | None = None) -> None:
        """Remember what was made under a key."""
        self._made[key] = made, now() + min(_LIFETIME if lifetime is None else lifetime, _LIFETIME)
        self._made.move_to_end(key)
        if len(self._made) > _KEPT:
            self._made.popitem(last=False)
