"""How patient and how generous the server is."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds and beats. Times are seconds.

    Attributes:
        max_connections: subscribers at once; one more is answered 503.
        max_topics: topics of one subscriber; a command that would add more is ignored.
        max_queue_messages: messages that may wait for one subscriber before it is dropped.
        max_queue_bytes: bytes that may wait for one subscriber before it is dropped.
        max_runs: runs that are kept. The oldest that are over make room; where none is, events that
            would start more are answered 503.
        ping_interval: from a pong to the next ping, and between comments of server-sent events.
        ping_timeout: how long a pong may take before the connection is closed with 1011.
        close_timeout: how long a closing handshake may take, and a request when the server stops,
            before the connection breaks off.
        sse_lifetime: how long server-sent events last; the real server cuts them then, too.
    """

    max_connections: int = 1000
    max_topics: int = 10_000
    max_queue_messages: int = 1024
    max_queue_bytes: int = 16 * 1024 * 1024
    max_runs: int = 10_000
    ping_interval: float = 15.0
    ping_timeout: float = 10.0
    close_timeout: float = 1.0
    sse_lifetime: float = 15 * 60.0
