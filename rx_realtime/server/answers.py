"""Answers that every part of the server gives alike."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from ..wire.inngest.answers import encode_error

__all__ = ["error", "json_answer", "not_found", "plain_error", "wrong_method"]

_PLAIN = "text/plain; charset=utf-8"


def json_answer(
    body: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON."""
    return Response(body, status, headers, media_type="application/json")


def error(message: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with an error, in the vendor's form."""
    return json_answer(encode_error(message, status), status, headers)


def plain_error(message: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with an error as plain text, as Go's standard library does."""
    also = {"content-type": _PLAIN, "x-content-type-options": "nosniff"}
    return Response(message + "\n", status, {**also, **(headers or {})})


async def not_found(_request: HTTPConnection, _error: Exception | None = None) -> Response:
    """Answer that there is no such path."""
    return plain_error("404 page not found", 404)


async def wrong_method(_request: Request, error: Exception) -> Response:
    """Answer that the path does not know the method, and which it knows."""
    return Response(None, 405, error.headers if isinstance(error, HTTPException) else None)
