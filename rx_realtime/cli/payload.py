"""What a command is given to send: JSON or text, on the command line or on standard input."""

from __future__ import annotations

import json
from typing import Any, Never

import click

from .stdin import pieces

__all__ = ["json_or_text", "parsed", "standard_input"]


async def standard_input() -> str:
    """Return standard input; what `echo` adds is no part of it."""
    return "".join([piece async for piece in pieces()]).removesuffix("\n")


def parsed(text: str, what: str) -> Any:
    """Read JSON.

    Raises:
        BadParameter: if it is none.
    """
    try:
        return json.loads(text, parse_constant=_no_json)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"{what} is no JSON: {error}") from None


def json_or_text(text: str) -> Any:
    """Read JSON where it is JSON; anything else is text."""
    try:
        return json.loads(text, parse_constant=_no_json)
    except (ValueError, RecursionError):
        return text


def _no_json(name: str) -> Never:
    # Python alone reads NaN and Infinity as JSON.
    raise ValueError(f"{name} is not in JSON")
