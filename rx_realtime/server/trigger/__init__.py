"""The Trigger.dev side of the server."""

from .engine import Trigger
from .faults import TriggerFaults
from .keys import DEV_SECRET_KEY
from .limits import TriggerLimits
from .routes import trigger_routes
from .runs import TaskRun

__all__ = [
    "DEV_SECRET_KEY",
    "TaskRun",
    "Trigger",
    "TriggerFaults",
    "TriggerLimits",
    "trigger_routes",
]
