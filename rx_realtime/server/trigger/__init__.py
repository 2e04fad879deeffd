"""The Trigger.dev side of the server."""

from .engine import Trigger
from .faults import TriggerFaults
from .keys import DEV_SECRET_KEY
from .limits import TriggerLimits
from .routes import trigger_routes
from .run_stream import RunStream
from .runs import TaskRun
from .stream_faults import StreamFaults

__all__ = [
    "DEV_SECRET_KEY",
    "RunStream",
    "StreamFaults",
    "TaskRun",
    "Trigger",
    "TriggerFaults",
    "TriggerLimits",
    "trigger_routes",
]
