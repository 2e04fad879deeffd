"""Dialects: an engine's bytes to updates and back, without any I/O."""

from .base import Opening, Request, Response, Step, Wire
from .sse import Event, EventDecoder, SseWire

__all__ = ["Event", "EventDecoder", "Opening", "Request", "Response", "SseWire", "Step", "Wire"]
