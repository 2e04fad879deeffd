"""A run of a task, as Trigger.dev tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from .late import Late
from .status import RunStatus

__all__ = ["Run", "RunError", "Stored", "TriggerStatus"]


class TriggerStatus(StrEnum):
    """The engine's own words for where a run stands."""

    PENDING_VERSION = "PENDING_VERSION"
    QUEUED = "QUEUED"
    DEQUEUED = "DEQUEUED"
    EXECUTING = "EXECUTING"
    WAITING = "WAITING"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"
    FAILED = "FAILED"
    CRASHED = "CRASHED"
    SYSTEM_FAILURE = "SYSTEM_FAILURE"
    DELAYED = "DELAYED"
    EXPIRED = "EXPIRED"
    TIMED_OUT = "TIMED_OUT"


@dataclass(frozen=True, slots=True)
class Stored:
    """A value that is too large for a row: this says where it is kept.

    Attributes:
        path: where in the engine's object store.
        field: "payload" or "output".
    """

    path: str
    field: str


@dataclass(frozen=True, slots=True)
class RunError:
    """Why a run failed.

    Attributes:
        type: the engine's kind of error; one that it invents tomorrow is kept, too.
        code: an internal error's.
        raw: all of it, as it came.
    """

    type: str
    message: str = ""
    name: str | None = None
    stack_trace: str | None = None
    code: str | None = None
    raw: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Late):
    """A run at one moment.

    Columns that were skipped have the value that they have in a run that has none. Times are UTC.

    Attributes:
        id: the friendly one, `run_…`.
        status: where it stands; a word that we do not know stays the text it is.
        db_status: the same in the words of the engine's database, which feeds carry.
        finished_at: when it came to its end, whatever that was.
        payload: a Python value; a `Stored` where it could not be fetched.
        output: as `payload`; None until it is completed.
        metadata: a Python value, usually a dict.
        error: why it failed.
        stored: what is kept elsewhere, because it is too large for a row, and was not fetched.
        raw: everything that was said, as it came.
    """

    id: str
    task_identifier: str
    status: TriggerStatus | str
    created_at: datetime
    updated_at: datetime | None = None
    started_at: datetime | None = None
    queued_at: datetime | None = None
    delayed_until: datetime | None = None
    expired_at: datetime | None = None
    finished_at: datetime | None = None
    payload: Any = None
    output: Any = None
    metadata: Any = None
    error: RunError | None = None
    stored: tuple[Stored, ...] = ()
    tags: tuple[str, ...] = ()
    realtime_streams: tuple[str, ...] = ()
    number: int = 0
    is_test: bool = False
    duration_ms: int = 0
    cost_in_cents: float = 0.0
    base_cost_in_cents: float = 0.0
    ttl: str | None = None
    idempotency_key: str | None = None
    db_status: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    @property
    def is_known_status(self) -> bool:
        """Whether we know the word for its status."""
        return isinstance(self.status, TriggerStatus)

    @property
    def is_queued(self) -> bool:
        """Whether it waits to be executed."""
        return self.status in _QUEUED

    @property
    def is_executing(self) -> bool:
        """Whether a worker has it."""
        return self.status in _EXECUTING

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for something inside of it."""
        return self.status == TriggerStatus.WAITING

    @property
    def is_success(self) -> bool:
        """Whether it ended well."""
        return self.status == TriggerStatus.COMPLETED

    @property
    def is_failed(self) -> bool:
        """Whether it ended badly."""
        return self.status in _FAILED

    @property
    def is_cancelled(self) -> bool:
        """Whether it was cancelled."""
        return self.status == TriggerStatus.CANCELED

    @property
    def is_completed(self) -> bool:
        """Whether it succeeded or failed. As with the vendor, a cancelled run is not completed."""
        return self.is_success or self.is_failed

    @property
    def is_terminal(self) -> bool:
        """Whether it can no longer change."""
        return self.finished_at is not None or self.is_completed or self.is_cancelled

    @property
    def run_status(self) -> RunStatus:
        """Where it stands, in the words of all engines; a run that waits for its turn is unknown.

        An end that we have no word for is a failure.
        """
        status = _STATUS.get(self.status, _UNKNOWN)
        if self.finished_at is not None and not status.is_terminal:
            return RunStatus.FAILED
        return status


_QUEUED = frozenset({TriggerStatus.PENDING_VERSION, TriggerStatus.QUEUED, TriggerStatus.DELAYED})
_EXECUTING = frozenset({TriggerStatus.DEQUEUED, TriggerStatus.EXECUTING})
_FAILED = frozenset(
    {
        TriggerStatus.FAILED,
        TriggerStatus.CRASHED,
        TriggerStatus.SYSTEM_FAILURE,
        TriggerStatus.EXPIRED,
        TriggerStatus.TIMED_OUT,
    }
)
_STATUS: Mapping[str, RunStatus] = {
    **dict.fromkeys(_EXECUTING, RunStatus.RUNNING),
    **dict.fromkeys(_FAILED, RunStatus.FAILED),
    TriggerStatus.WAITING: RunStatus.RUNNING,
    TriggerStatus.COMPLETED: RunStatus.COMPLETED,
    TriggerStatus.CANCELED: RunStatus.CANCELLED,
}
_UNKNOWN: Final = RunStatus.UNKNOWN  # looking into an enum takes as long as a call
