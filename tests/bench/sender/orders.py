"""What contestants and the sender agree on, and what each of them wants.

It says so in its token, which every client carries. This imports nothing of ours: what is compared
with us must not carry us along.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Final, Self

__all__ = ["CHANNEL", "DISTINCT", "EPOCH", "TOPIC", "Order"]

CHANNEL: Final = "bench:1"
TOPIC: Final = "tokens"
#: After so many frames the same ones come again. A client that shows a burst at once tells from
#: places how many it had: no burst is as long.
DISTINCT: Final = 65_536
#: Added to the microseconds of the monotonic clock, so that all of them have as many digits.
EPOCH: Final = 10**15


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
