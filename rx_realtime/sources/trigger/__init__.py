"""Trigger.dev: follow runs, read and write their streams, trigger tasks, mint tokens."""

from ...models import Run, RunError, Stored, TriggerStatus
from . import streams
from .managing import add_tags, cancel, retrieve, update_metadata
from .minting import create_public_token, create_trigger_public_token
from .options import TriggerOptions
from .realtime import realtime
from .runs import batch, run, runs, runs_view, subscribe
from .streams import Stream
from .streams import read as stream
from .triggering import BatchHandle, RunHandle, batch_trigger, trigger, trigger_and_subscribe
from .view import RunsView

__all__ = [
    "BatchHandle",
    "Run",
    "RunError",
    "RunHandle",
    "RunsView",
    "Stored",
    "Stream",
    "TriggerOptions",
    "TriggerStatus",
    "add_tags",
    "batch",
    "batch_trigger",
    "cancel",
    "create_public_token",
    "create_trigger_public_token",
    "realtime",
    "retrieve",
    "run",
    "runs",
    "runs_view",
    "stream",
    "streams",
    "subscribe",
    "trigger",
    "trigger_and_subscribe",
    "update_metadata",
]
