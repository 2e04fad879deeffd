"""How many messages come: counted in quarters of a second."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

__all__ = ["Beat"]


@dataclass(frozen=True, slots=True)
class Beat:
    """How many messages came in each quarter of a second, of late."""

    LENGTH: ClassVar[float] = 0.25
    KEPT: ClassVar[int] = 24

    last: int = 0
    counts: tuple[int, ...] = (0,)

    def at(self, now: float) -> Self:
        """Return it with the quarters that passed since, in which nothing came."""
        passed = min(int(now / self.LENGTH) - self.last, self.KEPT)
        if passed <= 0:
            return self
        counts = (*self.counts, *(0,) * passed)[-self.KEPT :]
        return replace(self, last=int(now / self.LENGTH), counts=counts)

    def hit(self, now: float) -> Self:
        """Return it with one more."""
        beat = self.at(now)
        return replace(beat, counts=(*beat.counts[:-1], beat.counts[-1] + 1))

    @property
    def rate(self) -> float:
        """Messages per second, over the last four quarters that are complete."""
        whole = self.counts[-5:-1]
        return sum(whole) / (len(whole) * self.LENGTH) if whole else 0.0
