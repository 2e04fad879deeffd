"""Streams of runs: defined once, read and written anywhere.

Ai = trigger.streams.define("ai", Chunk)

async for chunk in Ai.read(run_id): ...
"""

from .definition import Stream, define
from .read_streams import From, read, subscribe

__all__ = ["From", "Stream", "define", "read", "subscribe"]
