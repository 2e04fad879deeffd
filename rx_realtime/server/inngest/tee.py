"""POST /v1/realtime/publish/tee: forward raw bytes to a run's `$stream` topic."""

from __future__ import annotations

import codecs
import logging
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ..answers import plain_error
from .auth import refuse_publisher
from .engine import Inngest

__all__ = ["MAX_TEE", "tee"]

_logger = logging.getLogger(__name__)

#: Bytes in one request.
MAX_TEE: Final = 1_024_000
_TOPIC = "$stream"
_PIECE = 32 * 1024


async def tee(inngest: Inngest, request: Request) -> Response:
    """Forward the body as it comes in.

    Never cut inside a character, and without what is no UTF-8: the real server passes both on,
    and websocket clients that keep to the standard hang up on it.
    """
    if (refusal := refuse_publisher(inngest, request, as_json=False)) is not None:
        return refusal
    channel = request.query_params.get("channel")
    if not channel:
        return plain_error("channel query parameter required", 400)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    size = 0

    def forward(data: bytes, *, final: bool = False) -> None:
        # Pieces are cut before they are decoded: the decoder keeps what a cut left over.
        for start in range(0, max(len(data), 1), _PIECE):
            text = decoder.decode(data[start : start + _PIECE], final)
            if text:
                inngest.publisher.forward(channel, _TOPIC, text.encode())

    try:
        async for data in request.stream():
            size += len(data)
            forward(data[: max(0, len(data) - max(0, size - MAX_TEE))])
            if size > MAX_TEE:
                # The real server forwards as much, and then says 500.
                return plain_error(f"Stream is over {MAX_TEE} bytes", 413)
    except ClientDisconnect:
        _logger.info("the one who forwarded to %.80r went away", channel)
    finally:
        forward(b"", final=True)
    return Response()
