"""What can happen to a request instead of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from time import time
from typing import Any

from starlette.responses import Response

from ...wire.trigger.answers import FORBIDDEN, encode_error, encode_problem
from ..answers import json_answer

__all__ = ["Fate", "Rotated", "Said", "Silent", "refused"]


@dataclass(frozen=True, slots=True)
class Rotated:
    """Answer that the shape has another handle now, or only that the old one is no good."""

    names_it: bool = True
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Silent:
    """Answer nothing at all, until the client leaves."""


@dataclass(frozen=True, slots=True)
class Said:
    """Answer this, whatever it is."""

    body: bytes
    status: int
    headers: dict[str, str]


Fate = Rotated | Silent | Said


def refused(status: int, retry_after: int | str | None, *, is_feed: bool) -> Response:
    """Return an error in the vendor's words."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    match status:
        case 401:
            body = encode_error("Public Access Token is invalid")
        case 403:
            body = FORBIDDEN
        case 404:
            headers["x-should-retry"] = "false"
            body = encode_error("Not found")
        case 429 if is_feed:
            body = encode_error("Too many concurrent requests")
        case 429:
            return _rate_limited(headers, retry_after)
        case 503:
            return Response("Network error occurred", 503, headers, media_type="text/plain")
        case _:
            body = encode_error("Internal Server Error")
    return json_answer(body, status, headers)


def _rate_limited(headers: dict[str, str], retry_after: int | str | None) -> Response:
    seconds = retry_after if isinstance(retry_after, int) else 1
    reset = int((time() + seconds) * 1000)
    said: dict[str, Any] = {"reset": reset, "limit": 1, "remaining": 0}
    limits = {f"x-ratelimit-{name}": str(value) for name, value in said.items()}
    body = encode_problem(
        "Rate Limit Exceeded",
        429,
        f"Rate limit exceeded 1/1 requests remaining. Retry in {seconds} seconds.",
        **said,
        secondsUntilReset=seconds,
    )
    return Response(body, 429, {**headers, **limits}, media_type="application/problem+json")
