"""The streams of all runs: a bounded number of them, with a bounded number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Literal, TypeAlias

from ..clock import Clock
from .limits import TriggerLimits
from .run_stream import RunStream

__all__ = ["Streams", "StreamsVersion"]

#: The dialects in which streams are read.
StreamsVersion: TypeAlias = Literal["v1", "v2"]


class Streams:
    """Streams by run and name. They are made when they are first asked for.

    Args:
        limits: how many, and how much of them.
        clock: by which they are written and read.
        begun: told into which stream of which run a program writes.

    Attributes:
        version: in which dialect every stream is read, whatever its run says; None leaves it to
            the run.
        clock: the same clock.
    """

    def __init__(
        self, limits: TriggerLimits, clock: Clock, begun: Callable[[str, str], None]
    ) -> None:
        self.version: StreamsVersion | None = None
        self.clock = clock
        self._limits = limits
        self._begun = begun
        # In the order of their latest record.
        self._streams: OrderedDict[tuple[str, str], RunStream] = OrderedDict()
        self._sizes: dict[tuple[str, str], int] = {}
        self._size = 0

    @property
    def readers(self) -> int:
        """How many read any stream now."""
        return sum(stream.readers for stream in self._streams.values())

    def get(self, run_id: str, key: str) -> RunStream:
        """Return a stream of a run."""
        place = run_id, key
        if (stream := self._streams.get(place)) is not None:
            return stream
        if len(self._streams) >= self._limits.max_streams:
            self._forget_one()
        stream = RunStream(
            key,
            self._limits,
            self.clock,
            begun=partial(self._begun, run_id, key),
            grown=partial(self._grown, place),
        )
        self._streams[place] = stream
        return stream

    def _grown(self, place: tuple[str, str], stream: RunStream) -> None:
        self._streams[place] = stream  # somebody may have kept one that was forgotten
        self._streams.move_to_end(place)
        self._count(place)
        for oldest, other in self._streams.items():
            if self._size <= self._limits.max_streams_bytes or other is stream:
                return
            other.trim()
            self._count(oldest)

    def _count(self, place: tuple[str, str]) -> None:
        size = self._streams[place].log.size
        self._size += size - self._sizes.get(place, 0)
        self._sizes[place] = size

    def _forget_one(self) -> None:
        for place, stream in self._streams.items():
            if not stream.readers:  # or else they would wait for what is written elsewhere
                self._size -= self._sizes.pop(place, 0)
                del self._streams[place]
                return
