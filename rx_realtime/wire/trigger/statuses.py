"""The two vocabularies for where a run stands: the database's, on feeds, and the public one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["DB_OF_PUBLIC", "ENDED", "PUBLIC_OF_DB"]

#: What a user is told for each word of the database.
PUBLIC_OF_DB: Final[Mapping[str, str]] = MappingProxyType(
    {
        "DELAYED": "DELAYED",
        "WAITING_FOR_DEPLOY": "PENDING_VERSION",
        "PENDING_VERSION": "PENDING_VERSION",
        "PENDING": "QUEUED",
        "DEQUEUED": "DEQUEUED",
        "EXECUTING": "EXECUTING",
        "RETRYING_AFTER_FAILURE": "EXECUTING",
        "PAUSED": "WAITING",
        "WAITING_TO_RESUME": "WAITING",
        "COMPLETED_SUCCESSFULLY": "COMPLETED",
        "COMPLETED_WITH_ERRORS": "FAILED",
        "INTERRUPTED": "FAILED",
        "CANCELED": "CANCELED",
        "CRASHED": "CRASHED",
        "SYSTEM_FAILURE": "SYSTEM_FAILURE",
        "EXPIRED": "EXPIRED",
        "TIMED_OUT": "TIMED_OUT",
    }
)

#: The usual word of the database for each public one that differs.
DB_OF_PUBLIC: Final[Mapping[str, str]] = MappingProxyType(
    {
        "QUEUED": "PENDING",
        "WAITING": "WAITING_TO_RESUME",
        "COMPLETED": "COMPLETED_SUCCESSFULLY",
        "FAILED": "COMPLETED_WITH_ERRORS",
    }
)

#: Words of the database after which a run can no longer change.
ENDED: Final = frozenset(
    {
        "COMPLETED_SUCCESSFULLY",
        "COMPLETED_WITH_ERRORS",
        "INTERRUPTED",
        "CANCELED",
        "CRASHED",
        "SYSTEM_FAILURE",
        "EXPIRED",
        "TIMED_OUT",
    }
)
