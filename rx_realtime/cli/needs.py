"""What is not installed is said in one line, with the command that installs it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

import click

from .exits import Exit

__all__ = ["server_extra"]

_EXTRA = ("starlette", "uvicorn")


@contextlib.contextmanager
def server_extra() -> Generator[None]:
    """Import `..server` inside: the other commands do without it.

    Raises:
        ClickException: if what it needs is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise _Missing('this needs: pip install "rx-realtime[cli,server]"') from None


class _Missing(click.ClickException):
    exit_code = Exit.UNAVAILABLE
