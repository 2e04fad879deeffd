"""How Inngest speaks about a run: in frames and in its REST answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from ...models import ABSENT, RunChanged, RunStatus

__all__ = ["read_run"]

_STATUS_FIELDS = ("runStatus", "status", "state")


def read_run(
    data: object, *, run_id: str | None = None, at: datetime | None = None
) -> RunChanged | None:
    """Interpret what is said about a run.

    The first of `runStatus`, `status` and `state` that holds a word we know gives the status.
    `result` is the result whatever the status; `output` only of a completed run, because a failed
    one puts its error there.

    Returns:
        The change, or None if the data is no object.
    """
    if not isinstance(data, Mapping):
        return None
    said = cast(Mapping[str, Any], data)
    words = (RunStatus.parse(said.get(name)) for name in _STATUS_FIELDS)
    status = next((status for status in words if status is not None), None)
    result: Any = ABSENT
    if "result" in said:
        result = said["result"]
    elif "output" in said and status is RunStatus.COMPLETED:
        result = said["output"]
    return RunChanged(status=status, result=result, run_id=run_id, at=at, data=said)
