"""The named values of the hook, verbatim, and how an engine's words become ours."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ConnectionStatus", "PauseReason", "RunStatus"]


class ConnectionStatus(StrEnum):
    """Where the connection stands."""

    IDLE = "idle"  # there is no channel to connect to yet
    CONNECTING = "connecting"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"  # broke off, or closed because the run is over
    ERROR = "error"  # the last attempt failed before it opened


class PauseReason(StrEnum):
    """Why nothing is connected although there is a channel."""

    DISABLED = "disabled"
    HIDDEN = "hidden"


class RunStatus(StrEnum):
    """Where the run stands. `UNKNOWN` until there is evidence."""

    UNKNOWN = "unknown"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether the run can no longer change."""
        return self in _TERMINAL

    @classmethod
    def parse(cls, word: object) -> RunStatus | None:
        """Read an engine's word, in any case and any of its synonyms.

        Returns:
            The status, or None for words that say nothing about it: those must not change it.
        """
        return _WORDS.get(word.lower()) if isinstance(word, str) else None


_TERMINAL = frozenset({RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED})
_WORDS = {
    word: status
    for status, words in {
        RunStatus.RUNNING: "running in_progress",
        RunStatus.COMPLETED: "completed complete succeeded success",
        RunStatus.FAILED: "failed error",
        RunStatus.CANCELLED: "cancelled canceled",
    }.items()
    for word in words.split()
}
