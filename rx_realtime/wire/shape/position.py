"""Where a subscriber stands in a log, and what went wrong lately."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from .columns import Schema
from .table import Phase

__all__ = ["BEGINNING", "Position", "Trouble"]

BEGINNING: Final = "-1"


class Position(Struct, frozen=True):
    """Where a subscriber stands in the log. All of it is opaque: it is sent as it came.

    Attributes:
        expired: the last handle that was no longer served.
    """

    phase: Phase = Phase.STARTING
    offset: str = BEGINNING
    handle: str | None = None
    cursor: str = ""
    schema: Schema | None = None
    expired: str | None = None


class Trouble(Struct, frozen=True):
    """How often something went wrong in a row, so that it is not repeated for ever.

    Attributes:
        bypasses: how many questions went past the caches; each is unlike all before it.
        bypassing: the next one is to.
    """

    rotations: int = 0
    stale: int = 0
    unusable: int = 0
    bypasses: int = 0
    bypassing: bool = False
