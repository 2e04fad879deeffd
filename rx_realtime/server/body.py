"""Request bodies: never more of them in memory than a limit allows."""

from __future__ import annotations

from starlette.requests import Request

__all__ = ["read_body"]

# Clients send a whole body before they look for an answer, and take a connection that was closed
# on them meanwhile for an accident. So what is too large is read to its end, within reason.
_PATIENCE = 16 * 1024 * 1024


async def read_body(request: Request, limit: int) -> bytes | None:
    """Return the body, or None if it has more than `limit` bytes."""
    kept, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _PATIENCE:
            return None
        if size <= limit:
            kept += chunk
    return bytes(kept) if size <= limit else None
