"""POST /v1/realtime/token: mint a token that opens some topics."""

from __future__ import annotations

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ...wire.inngest.answers import encode_token
from ...wire.inngest.api import MAX_PAYLOAD
from ...wire.inngest.claims import Claims, decode_topics
from ..answers import error, json_answer
from ..body import read_body
from .auth import refuse_stranger
from .engine import Inngest

__all__ = ["mint_token"]


async def mint_token(inngest: Inngest, request: Request) -> Response:
    """Answer with a token for the topics in the body."""
    if (refusal := refuse_stranger(inngest, request)) is not None:
        return refusal
    body = await read_body(request, MAX_PAYLOAD)
    if body is None:
        return error(f"Request is over {MAX_PAYLOAD} bytes", 413)
    try:
        topics = decode_topics(body, inngest.env)
    except ValidationError:
        return error("Invalid request: must provide a list of topics", 400)
    return json_answer(encode_token(inngest.keys.mint(Claims(inngest.env, topics))), 201)
