"""What every engine's `reconnect` is told about updates."""

from __future__ import annotations

from ..models import Opened, Retrying, Update

__all__ = ["opens", "retrying"]


def opens(update: Update) -> bool:
    """Whether an update says that the connection opened."""
    return isinstance(update, Opened)


def retrying(attempt: int, wait: float, error: Exception) -> Update:
    """Make the update that says when the next attempt comes."""
    return Retrying(attempt, wait, error)
