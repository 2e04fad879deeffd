"""What a contestant wants of the sender: it says so in its token, which every client carries."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Self

__all__ = ["Order"]


@dataclass(frozen=True)
class Order:
    """How much is to come, and how fast.

    Attributes:
        count: how many messages; with none, the connection stays silent.
        rate: how many of them in a second; 0 is as fast as they are taken.
        rows: how many runs there are under the tag, where runs are asked for.
        together: nothing is sent before so many connections want the same.
    """

    count: int = 0
    rate: int = 0
    rows: int = 0
    together: int = 1

    @property
    def token(self) -> str:
        """The order as a token."""
        return "-".join(map(str, astuple(self)))

    @classmethod
    def parse(cls, token: str) -> Self:
        """Read a token.

        Raises:
            TypeError, ValueError: if it is no order.
        """
        return cls(*map(int, token.split("-")))
