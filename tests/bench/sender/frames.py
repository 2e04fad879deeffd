"""The frames of a flood: made once, so that sending them is nothing but sending."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Final

from websockets.frames import Frame, Opcode

from rx_realtime.wire.inngest.envelope import encode_message

from .orders import CHANNEL, DISTINCT, EPOCH, TOPIC

__all__ = ["blocks", "paced_frame"]

RUN_ID: Final = "01JQ2T7Y3M5X8ZB4C6D9F0GHKN"
#: How many frames are sent by one call; about a megabyte.
_BLOCK: Final = 4096


def blocks(count: int) -> list[bytes]:
    """Return what to send, in order, to send so many frames. The `index` of each is its place."""
    return [
        _block(begin % DISTINCT, min(_BLOCK, count - begin)) for begin in range(0, count, _BLOCK)
    ]


def paced_frame(index: int, now: int) -> bytes:
    """Return a frame that says when it was sent.

    Args:
        index: its place.
        now: nanoseconds of the monotonic clock, which all processes of a machine share.
    """
    head, tail = _halves(index % DISTINCT)
    return head + str(EPOCH + now // 1000).encode() + tail


@cache
def _block(begin: int, count: int) -> bytes:
    return b"".join(_frame(index) for index in range(begin, begin + count))


def _frame(index: int) -> bytes:
    text = f"token {index % 97} of an answer"
    data = {"index": index, "at": EPOCH, "token": text}
    encoded = encode_message(
        "data",
        json.dumps(data, separators=(",", ":")).encode(),
        channel=CHANNEL,
        topic=TOPIC,
        created_at=datetime(2026, 1, 2, 3, 4, 5, 678901, UTC),
        run_id=RUN_ID,
    )
    return Frame(Opcode.TEXT, encoded).serialize(mask=False)


@cache
def _halves(index: int) -> tuple[bytes, bytes]:
    head, _, tail = _frame(index).partition(str(EPOCH).encode())
    return head, tail
