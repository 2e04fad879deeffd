"""Where a token comes from: never from the command line, which shells and `ps` remember."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from ..models import SubscriptionToken
from ..sources import Token

__all__ = ["token_from"]


def token_from(env: str | None, file: str | None) -> Token | None:
    """Return the token that the options name; None where they name none.

    A file is read again for every attempt to connect, because tokens last a minute.

    Args:
        env: a variable of the environment.
        file: a path, or `-` for standard input, which is read once.

    Raises:
        UsageError: if there is nothing.
        TokenError: if it is no token.
    """
    if env is not None and file is not None:
        raise click.UsageError("a token comes from --token-env or from --token-file, not from both")
    if env is not None:
        text = os.environ.get(env)
        if not text:
            raise click.UsageError(f"the variable {env} is empty or not set")
        return _parsed(text)
    if file == "-":
        return _parsed(sys.stdin.readline() if sys.stdin.isatty() else sys.stdin.read())
    if file is None:
        return None
    path = Path(file)
    _parsed(path.read_text("utf-8", "replace"))  # what is no token now is said now
    return lambda: _parsed(path.read_text("utf-8", "replace"))


def _parsed(text: str) -> SubscriptionToken:
    """Read a key, or the JSON form that a token is handed over in."""
    given: Any = text.strip()
    if given.startswith(("{", '"')):
        with contextlib.suppress(ValueError):
            given = json.loads(given)
    return SubscriptionToken.parse(given)
