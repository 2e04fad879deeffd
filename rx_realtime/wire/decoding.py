"""What an answer must hold to be one."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from ..errors import WireError
from .base import Response
from .refusals import check

__all__ = ["decode"]

T = TypeVar("T")


def decode(adapter: TypeAdapter[T], response: Response, wanted: str) -> T:
    """Read the body of an answer.

    Args:
        adapter: what it must be.
        response: the answer.
        wanted: what the error names where it is not.

    Raises:
        Refused: if it is no success.
        WireError: if the body is something else.
    """
    check(response)
    try:
        return adapter.validate_json(response.body)
    except ValidationError:  # it shows the body, which may be a token: not even our context
        pass
    kind = response.headers.get("content-type", "no content type")
    raise WireError(f"the server answered {response.status} without {wanted} ({kind:.80})")
