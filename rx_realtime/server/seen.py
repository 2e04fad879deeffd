"""What came in: requests, for tests to look at, without a token in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from starlette.types import Scope

__all__ = ["Seen", "path_of"]


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


def path_of(scope: Scope) -> str:
    """Return the request's path in our own words, wherever the application is mounted."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))
