"""Streams of runs: defined once, read and written anywhere.

Ai = trigger.streams.define("ai", Chunk)

async for chunk in Ai.read(run_id): ...
"""

from .definition import Stream, define
from .read_streams import From, read, subscribe
from .write_streams import Writer, append, pipe, send, writer

__all__ = [
    "From",
    "Stream",
    "Writer",
    "append",
    "define",
    "pipe",
    "read",
    "send",
    "subscribe",
    "writer",
]
