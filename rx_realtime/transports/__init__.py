"""Sockets, and no engine: what carries requests out and frames in."""

from .body import retry_after
from .http import exchange
from .loop import background_loop, call_on, is_virtual, loop_here, running_loop, scheduler_of
from .poll import Ask, polling
from .settings import Settings
from .sse import sse
from .task import from_task
from .websocket import websocket

__all__ = [
    "Ask",
    "Settings",
    "background_loop",
    "call_on",
    "exchange",
    "from_task",
    "is_virtual",
    "loop_here",
    "polling",
    "retry_after",
    "running_loop",
    "scheduler_of",
    "sse",
    "websocket",
]
