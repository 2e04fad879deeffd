"""What came in: requests, for tests to look at, without a token in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Seen"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that was answered.

    Attributes:
        method: `WEBSOCKET` for websockets, else the HTTP method.
        token: where a token or key was: in the header, in the query, or nowhere.
        status: the answer's; 101 where a websocket was accepted.
    """

    method: str
    path: str
    token: Literal["header", "query"] | None
    status: int
