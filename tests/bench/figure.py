"""A figure: who is judged, against whom, and how good the answer must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .contestant import Contestant, Result

__all__ = ["Figure", "Target", "at_least", "at_most"]


@dataclass(frozen=True)
class Target:
    """What a figure must be.

    Attributes:
        sign: on which side of the limit it must be.
        unit: of both; a ratio has none.
    """

    sign: Literal[">=", "<="]
    limit: float
    unit: str = ""

    def holds(self, value: float) -> bool:
        """Whether a value is as good as it must be."""
        return value >= self.limit if self.sign == ">=" else value <= self.limit

    def __str__(self) -> str:
        return f"{self.sign} {self.limit:g}"


def at_least(limit: float, unit: str = "") -> Target:
    """More is better."""
    return Target(">=", limit, unit)


def at_most(limit: float, unit: str = "") -> Target:
    """Less is better."""
    return Target("<=", limit, unit)


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    Attributes:
        name: as it is printed, and asked for with `--only`.
        says: what is measured, and against what.
        subject: who is judged.
        peer: whom it is compared with; None where the figure is no ratio.
        judge: makes the figure of one round from what both did.
        target: what it must be.
        rounds: at most so many, where one takes long.
    """

    name: str
    says: str
    subject: Contestant
    peer: Contestant | None
    judge: Callable[[Result, Result], float]
    target: Target
    rounds: int | None = None

    @property
    def contestants(self) -> tuple[Contestant, ...]:
        """Who runs for it, in this order."""
        return (self.subject,) if self.peer is None else (self.peer, self.subject)

    @property
    def needs(self) -> frozenset[str]:
        """What has to be installed for it."""
        return frozenset[str]().union(*(each.needs for each in self.contestants))
