"""What a client asks of a feed: where it stands, and what it does not want to see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from starlette.requests import Request

from ...wire.trigger.columns import parse_skipped
from .keys import Caller

__all__ = ["API_VERSION", "BEGINNING", "Asked"]

#: The offset of who has nothing yet.
BEGINNING: Final = "-1"
_COUNT: Final = re.compile("[0-9]{1,18}")
#: Clients that name another version of the API do not know the status DEQUEUED.
API_VERSION: Final = "2025-07-16"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to a feed. Parameters that we do not know are ignored.

    Attributes:
        is_live: to be held until something happens.
        version: the latest change it knows; None if it knows none, or one of another server.
        is_legacy: from a client that knows the older names of the headers.
        knows_dequeued: from a client that knows every status.
    """

    offset: str
    handle: str | None
    is_live: bool
    expired_handle: str | None
    skipped: frozenset[str]
    is_legacy: bool
    knows_dequeued: bool

    @classmethod
    def read(cls, request: Request, caller: Caller) -> Self:
        """Read it. Columns that a token skips are skipped, and no others."""
        query, headers = request.query_params, request.headers
        claims = caller.claims
        if claims is not None and claims.skip_columns is not None:
            skipped = parse_skipped(claims.skip_columns)
        else:
            skipped = parse_skipped(query.get("skipColumns", "").split(","))
        return cls(
            offset=query.get("offset", BEGINNING),
            handle=query.get("handle") or query.get("shape_id"),
            is_live=query.get("live") == "true",
            expired_handle=query.get("expired_handle"),
            skipped=skipped,
            is_legacy="x-trigger-electric-version" not in headers,
            knows_dequeued=headers.get("x-trigger-api-version") == API_VERSION,
        )

    @property
    def is_beginning(self) -> bool:
        """Whether the client has nothing yet."""
        return self.offset == BEGINNING or self.handle is None

    @property
    def version(self) -> int | None:
        """The latest change that the client knows."""
        version = self.offset.partition("_")[2]
        return int(version) if _COUNT.fullmatch(version) else None
