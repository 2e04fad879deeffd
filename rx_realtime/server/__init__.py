"""The embedded dev server: one port, the protocols of the engines, and runs that are acted out."""

from .devserver import DevServer
from .faults import Faults
from .inngest import ActedRun, Event, Inngest, Published
from .options import Limits
from .seen import Seen
from .trigger import RunStream, TaskRun, Trigger, TriggerLimits

__all__ = [
    "ActedRun",
    "DevServer",
    "Event",
    "Faults",
    "Inngest",
    "Limits",
    "Published",
    "RunStream",
    "Seen",
    "TaskRun",
    "Trigger",
    "TriggerLimits",
]
