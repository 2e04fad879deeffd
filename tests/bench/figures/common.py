"""The contestants that appear in more than one file of figures."""

from __future__ import annotations

from typing import Final

from ..contestant import contestant

__all__ = ["BARE", "MANY", "STATE", "STATE_FAST"]

MANY: Final = 150_000

#: What a user writes by hand.
BARE: Final = contestant("bare", MANY)
STATE: Final = contestant("state", MANY)
#: The same on the transport that the extra `[fast]` brings.
STATE_FAST: Final = contestant("state", MANY, fast=True)
