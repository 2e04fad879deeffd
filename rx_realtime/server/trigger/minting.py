"""POST /api/v1/auth/…: tokens that the server mints, and what clients need to mint their own."""

from __future__ import annotations

import re
import time
from typing import Final

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from ...wire.trigger.answers import encode_error
from ...wire.trigger.claims import MAX_LIFETIME, PublicClaims
from ...wire.trigger.scopes import parse_scope
from ..answers import json_answer
from ..body import read_body
from .auth import identify
from .engine import Trigger

__all__ = ["mint_token", "show_claims"]

_MAX_BODY: Final = 128 * 1024
#: A span of time as `jose` writes it: `15m`, `2 hours`, `1.5h from now`, `-5m`.
_SPAN: Final = re.compile(
    r"(?P<sign>[+-])? ?(?P<count>[0-9]+(?:\.[0-9]+)?) ?"
    r"(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|y|yrs?|years?)"
    r"(?: (?P<when>ago|from now))?",
    re.IGNORECASE,
)
_SECONDS: Final = {
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86_400,
    "w": 7 * 86_400,
    "y": 365.25 * 86_400,
}


class _Realtime(BaseModel):
    skipColumns: list[str] | None = None  # noqa: N815 - the wire's name


class _Body(BaseModel):
    scopes: list[str] = Field(min_length=1)
    expirationTime: str | float | None = None  # noqa: N815
    oneTimeUse: bool = False  # noqa: N815
    realtime: _Realtime | None = None


_BODY = TypeAdapter(_Body)


async def show_claims(trigger: Trigger, request: Request) -> Response:
    """POST /api/v1/auth/jwt/claims: what a client puts into the tokens that it signs itself."""
    words = "Invalid or Missing API key"
    caller = identify(trigger, request, tokens=False, words=words)
    if isinstance(caller, Response):
        return caller
    return json_answer(to_json({"sub": trigger.env, "pub": True}))


async def mint_token(trigger: Trigger, request: Request) -> Response:
    """POST /api/v1/auth/public-tokens: mint a token for who cannot sign."""
    caller = identify(trigger, request, tokens=False)
    if isinstance(caller, Response):
        return caller
    body = await read_body(request, _MAX_BODY)
    try:
        wanted = _BODY.validate_json(body or b"")
    except ValidationError as error:
        issues = error.errors(include_url=False, include_context=False, include_input=False)
        return json_answer(encode_error("Invalid request body", issues=issues), 400)
    denied = [each for each in wanted.scopes if _is_nothing(each)]
    if denied:
        why = "Requested scopes exceed the API key's access"
        said = encode_error(why, code="scopes_exceed_key_access", deniedScopes=denied)
        return json_answer(said, 403)
    now = int(time.time())
    until = _until("15m" if wanted.expirationTime is None else wanted.expirationTime, now)
    if until is None:
        return json_answer(encode_error("Invalid expiration time"), 400)
    if until <= now:
        return json_answer(encode_error("Expiration time must be in the future"), 400)
    if until - now > MAX_LIFETIME:
        return json_answer(encode_error("Expiration time cannot exceed 30 days"), 400)
    skipped = wanted.realtime.skipColumns if wanted.realtime else None
    claims = PublicClaims(
        env=trigger.env,
        scopes=tuple(wanted.scopes),
        skip_columns=None if skipped is None else tuple(skipped),
        one_time=wanted.oneTimeUse,
    )
    return json_answer(to_json({"token": trigger.keys.mint(claims, expires_at=until)}))


def _is_nothing(text: str) -> bool:
    """Whether a scope opens nothing: an action alone does not, unless it is `admin`."""
    scope = parse_scope(text)
    return scope is None or (scope.type is None and scope.action != "admin")


def _until(given: str | float, now: int) -> int | None:
    """Return a time in seconds since 1970; None if it is none."""
    try:
        if not isinstance(given, str):
            return int(given)
        span = _SPAN.fullmatch(given)
        if span is None or (span["sign"] and span["when"]):
            return None
        seconds = round(float(span["count"]) * _SECONDS[span["unit"][0].lower()])
    except (OverflowError, ValueError):  # more than any clock shows
        return None
    is_past = span["sign"] == "-" or (span["when"] or "").lower() == "ago"
    return now - seconds if is_past else now + seconds
