"""ULIDs: the ids of Inngest's runs, events and tokens; they sort by the time they were made."""

from __future__ import annotations

from typing import Final

__all__ = ["encode_ulid", "is_ulid"]

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: without I, L, O and U
_LENGTH: Final = 26


def encode_ulid(milliseconds: int, entropy: bytes) -> str:
    """Return the id for a moment, in milliseconds since 1970, and ten random bytes."""
    number = milliseconds << 80 | int.from_bytes(entropy)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))


def is_ulid(text: str) -> bool:
    """Whether the text is an id of this kind; lower case counts, as on the real server."""
    return len(text) == _LENGTH and text[0] <= "7" and set(text.upper()) <= set(_ALPHABET)
