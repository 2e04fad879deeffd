"""Inngest's HTTP API: what the answers mean."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter

from ...models import RunChanged, RunStatus
from ..base import Response
from ..decoding import decode
from .lifecycle import read_run

__all__ = ["Run", "decode_event_ids", "decode_run", "decode_runs", "decode_token"]


class Run(BaseModel):
    """A run, as the REST API tells it. Fields we do not know are kept."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    run_id: str
    status: str
    function_id: str | None = None
    event_id: str | None = None
    run_started_at: datetime | None = None
    ended_at: datetime | None = None
    output: Any = None

    @property
    def run_status(self) -> RunStatus:
        """Where it stands, in our words; a run that waits for its turn is `unknown`."""
        return RunStatus.parse(self.status) or RunStatus.UNKNOWN

    @property
    def is_terminal(self) -> bool:
        """Whether it can no longer change."""
        return self.run_status.is_terminal

    def change(self) -> RunChanged:
        """Say what this tells about the run, in our words."""
        said = {"status": self.status, "output": self.output}
        change = read_run(said, run_id=self.run_id, at=self.ended_at)
        assert change is not None  # a mapping always is one
        return change


class _Answer(BaseModel):
    """It is made ready with the first answer, and not while the package is imported."""

    model_config = ConfigDict(defer_build=True)


class _Event(_Answer):
    ids: list[str]


class _Runs(_Answer):
    data: list[Run]


class _Run(_Answer):
    data: Run


class _Token(_Answer):
    jwt: str


_TOKEN = TypeAdapter(_Token)
_EVENT = TypeAdapter(_Event)
_RUNS = TypeAdapter(_Runs)
_RUN = TypeAdapter(_Run)


def decode_token(response: Response) -> SecretStr:
    """Return the key in the answer to `token_request`."""
    return SecretStr(decode(_TOKEN, response, "a token").jwt)


def decode_event_ids(response: Response) -> tuple[str, ...]:
    """Return the ids in the answer to `event_request`."""
    return tuple(decode(_EVENT, response, "event ids").ids)


def decode_runs(response: Response) -> tuple[Run, ...]:
    """Return the runs in the answer to `runs_request`."""
    return tuple(decode(_RUNS, response, "runs").data)


def decode_run(response: Response) -> Run:
    """Return the run in the answer to `run_request`."""
    return decode(_RUN, response, "a run").data
