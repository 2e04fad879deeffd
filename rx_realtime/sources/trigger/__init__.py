"""Trigger.dev: follow runs, trigger tasks, mint tokens."""

from ...models import Run, RunError, Stored, TriggerStatus
from .runs import batch, run, runs, runs_view, subscribe
from .view import RunsView

__all__ = [
    "Run",
    "RunError",
    "RunsView",
    "Stored",
    "TriggerStatus",
    "batch",
    "run",
    "runs",
    "runs_view",
    "subscribe",
]
