"""Handles: which log of a shape a client follows.

They are made as the real server makes them, so that nothing has to be remembered about a client:
a list's handle says since when its runs are, and every one says which life of the server it is
from. One of an earlier life, or from before an eviction, is answered 409.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from .filters import OfBatch, OfRun, RunFilter, WithTags

__all__ = ["Handles", "floor_of"]

#: Seconds. Lists begin at whole minutes.
_BUCKET: Final = 60


class Handles:
    """Makes handles and knows its own."""

    def __init__(self) -> None:
        self._life = secrets.token_hex(4)
        self._evictions = 0
        self._count = 0

    def make(self, chosen: RunFilter) -> str:
        """Return a handle for a feed; nobody has had it before, unless it is of a single run."""
        match chosen:
            case OfRun(id=run_id):
                # One run's columns never change, so all its readers share a handle.
                again = f"-{self._evictions}" if self._evictions else ""
                return f"run-{run_id.removeprefix('run_')}{again}"
            case WithTags(since=since):
                return f"runs_{int(since.timestamp() * 1000)}_{self.count()}_{self._life}"
            case OfBatch(id=batch_id):
                return f"batch_{batch_id.removeprefix('batch_')}_{self.count()}_{self._life}"
            case _:
                raise AssertionError(chosen)

    def knows(self, handle: str, chosen: RunFilter) -> bool:
        """Whether a handle is of this feed, and good."""
        if isinstance(chosen, OfRun):
            return handle == self.make(chosen)
        return handle.endswith("_" + self._life)

    def evict(self) -> None:
        """Forget every handle there is."""
        self._life = secrets.token_hex(4)
        self._evictions += 1

    def count(self) -> int:
        """Return a number that is higher than all before it."""
        self._count += 1
        return self._count


def floor_of(age: timedelta, *, handle: str | None, longest: timedelta) -> datetime:
    """Return the time before which a list shows no runs.

    Args:
        age: how far back the client wants to see now.
        handle: what it was given before, which pins what it wanted then.
        longest: how far back anybody may see.
    """
    now = datetime.now(UTC)
    pinned = _pinned(handle)
    wanted = now - min(age, longest) if pinned is None else max(pinned, now - longest)
    seconds = int(wanted.timestamp()) // _BUCKET * _BUCKET
    return datetime.fromtimestamp(seconds, UTC)


def _pinned(handle: str | None) -> datetime | None:
    word, _, rest = (handle or "").partition("_")
    milliseconds = rest.partition("_")[0]
    if word != "runs" or not (milliseconds.isascii() and milliseconds.isdecimal()):
        return None
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
