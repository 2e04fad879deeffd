"""What a public access token allows: `action:type[:id]`, as the server reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Scope", "allows", "parse_scope", "scope"]


class Scope(NamedTuple):
    """One permission. Without a type it is an action alone, without an id the whole type."""

    action: str
    type: str | None = None
    id: str | None = None

    def __str__(self) -> str:
        return ":".join(part for part in self if part)


def scope(action: str, type: str, id: str | None = None) -> str:  # noqa: A002 - the scope's parts
    """Write a scope."""
    return str(Scope(action, type, id))


def parse_scope(text: str) -> Scope | None:
    """Read a scope; None if it has no action. Ids may have colons: only the first two separate."""
    action, _, rest = text.partition(":")
    kind, _, name = rest.partition(":")
    return Scope(action, kind or None, name or None) if action else None


def allows(held: Iterable[str], needed: Scope) -> bool:
    """Say whether one of the scopes that a token holds covers what is needed."""
    return any(_covers(each, needed) for each in map(parse_scope, held) if each is not None)


def _covers(held: Scope, needed: Scope) -> bool:
    # Only the bare word opens everything: `admin:runs` is an action on runs like any other.
    if held.action == "admin" and held.type is None:
        return True
    if held.action not in ("*", needed.action):
        return False
    if held.type == "all":
        return True
    return held.type == needed.type and held.id in (None, needed.id)
