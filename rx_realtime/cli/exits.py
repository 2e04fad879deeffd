"""Exit codes: how a watched run ended, and why else a command may stop."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from ..errors import (
    Forbidden,
    LocalError,
    NotAuthorized,
    PayloadError,
    RealtimeError,
    TokenError,
    TokenFactoryError,
)
from ..models import RunStatus

__all__ = ["Exit"]


class Exit(IntEnum):
    """What a command's exit code means."""

    COMPLETED = 0
    FAILED = 1
    CANCELLED = 2
    TIMED_OUT = 3
    NOT_AUTHORISED = 4
    CONNECTION_LOST = 5

    # These are the ones of `sysexits.h`, and of shells.
    USAGE = 64
    DATA = 65
    UNAVAILABLE = 69
    BUG = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143

    @classmethod
    def of_run(cls, status: RunStatus) -> Exit:
        """Return the code for how a run ended. To stop listening before that is to lose it."""
        return _BY_STATUS.get(status, cls.CONNECTION_LOST)

    @classmethod
    def of_all(cls, codes: Iterable[Exit]) -> Exit:
        """Return the code for several: what is worst, to know for certain or not at all."""
        several = {*codes}
        return next((code for code in _WORST_FIRST if code in several), cls.COMPLETED)

    @classmethod
    def of_error(cls, error: RealtimeError) -> Exit:
        """Return the code for an error that ended a command."""
        match error:
            case NotAuthorized() | Forbidden() | TokenError() | TokenFactoryError():
                return cls.NOT_AUTHORISED
            case PayloadError():
                return cls.DATA
            case LocalError():
                return cls.USAGE
            case _:
                return cls.CONNECTION_LOST


_WORST_FIRST: Final = (
    Exit.FAILED,
    Exit.USAGE,
    Exit.DATA,
    Exit.NOT_AUTHORISED,
    Exit.CONNECTION_LOST,
    Exit.CANCELLED,
)
_BY_STATUS: Final = {
    RunStatus.COMPLETED: Exit.COMPLETED,
    RunStatus.FAILED: Exit.FAILED,
    RunStatus.CANCELLED: Exit.CANCELLED,
}
