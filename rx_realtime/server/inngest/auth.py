"""Who may mint tokens, publish and see runs: each check returns the answer that refuses."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ...wire.inngest.answers import encode_error
from ..answers import error, plain_error
from .engine import Inngest

__all__ = ["refuse_publisher", "refuse_stranger"]


def refuse_stranger(inngest: Inngest, request: Request) -> Response | None:
    """Refuse who does not hold the signing key; a realtime token is no signing key.

    The real server lets the holder of a token mint tokens for other topics.
    """
    if inngest.keys.claims_of(request) is not None:
        return error("Not authenticated", 401)
    return _refuse_unsigned(inngest, request)


def refuse_publisher(
    inngest: Inngest, request: Request, *, as_json: bool = True
) -> Response | None:
    """Refuse who holds neither a token to publish nor the signing key."""
    claims = inngest.keys.claims_of(request)
    if claims is None:
        return _refuse_unsigned(inngest, request)
    if claims.publish:
        return None
    why = "Not authenticated for publishing"
    if not as_json:
        return plain_error(why, 401)
    # JSON that says it is text: so does the real server.
    return Response(encode_error(why, 401), 401, media_type="text/plain")


def _refuse_unsigned(inngest: Inngest, request: Request) -> Response | None:
    return None if inngest.keys.is_signed(request) else plain_error("Authentication failed", 401)
