"""How patient and how generous the Trigger.dev side is."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TriggerLimits"]

_KIB = 1024
_MIB = 1024 * _KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerLimits:
    """Bounds and beats; by default those of the real server. Times are seconds.

    Attributes:
        poll_timeout: how long a live poll is held when nothing happens.
        poll_jitter: by which part of it that varies, so that polls do not march in step.
        max_polls: live polls at once; one more is answered 429.
        max_list: runs in the snapshot of a feed; the newest.
        max_age: how far back the list of an environment's runs goes, whatever is asked for.
        max_runs: runs that are kept. The oldest that are over make room; where none is, the
            server takes no more.
        max_bytes: of all that runs hold, likewise.
        max_payload: bytes of one payload.
        max_inline: characters of a payload or an output that stands in a row; a longer one goes
            into the object store.
        max_metadata: bytes of one run's metadata.
        max_tags: tags of one run.
        max_batch: items of one batch.
        max_stored: characters of all that is in the object store.
        stream_timeout: how long a reader of a stream who says no time of their own is kept where
            nothing is written.
        stream_ping: how long a reader hears nothing before they are told that we are there.
        max_readers: readers of streams at once; one more is answered 429.
        max_chunk: bytes of one chunk of a stream.
        max_append: bytes of a chunk that is appended alone.
        max_input: bytes of a message to an input stream.
        max_stream_records: records that are kept of one stream; the latest. The real server's
            older streams keep about 1000 entries.
        max_stream_bytes: of one stream, likewise.
        max_stream_age: how long a record is kept.
        max_streams: streams that are kept at all; those not written to for longest make room.
        max_streams_bytes: of all streams together, likewise.
    """

    poll_timeout: float = 20.0
    poll_jitter: float = 0.15
    max_polls: int = 500
    max_list: int = 1000
    max_age: float = 24 * 3600.0
    max_runs: int = 10_000
    max_bytes: int = 256 * _MIB
    max_payload: int = 3 * _MIB
    max_inline: int = 512 * _KIB
    max_metadata: int = 256 * _KIB
    max_tags: int = 10
    max_batch: int = 1000
    max_stored: int = 64 * _MIB
    stream_timeout: float = 60.0
    stream_ping: float = 10.0
    max_readers: int = 1000
    max_chunk: int = _MIB
    max_append: int = 512 * _KIB
    max_input: int = _MIB
    max_stream_records: int = 100_000
    max_stream_bytes: int = 64 * _MIB
    max_stream_age: float = 24 * 3600.0
    max_streams: int = 10_000
    max_streams_bytes: int = 256 * _MIB
