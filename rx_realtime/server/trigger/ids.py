"""Ids as the real server makes them: a friendly id is the internal one behind a word."""

from __future__ import annotations

import secrets
import string
from typing import Final

__all__ = ["DEV_ENVIRONMENT", "friendly_id", "new_id", "new_part_id"]

#: The dev server's only environment.
DEV_ENVIRONMENT: Final = "cmrxrealtimedevserver0000"

_ALPHABET: Final = string.digits + string.ascii_lowercase


def new_id() -> str:
    """Return an internal id that nobody has yet."""
    return "c" + "".join(secrets.choice(_ALPHABET) for _ in range(24))


def new_part_id() -> str:
    """Return an id as senders give the parts of their streams: 7 characters."""
    return secrets.token_urlsafe(6)[:7]


def friendly_id(word: str, internal: str) -> str:
    """Return the id that users see: `run_…`, `batch_…`."""
    return f"{word}_{internal}"
