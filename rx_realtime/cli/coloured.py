"""Drawings for a terminal: what happens stands out, and what only says so steps back."""

from __future__ import annotations

import re
from typing import Final

import click

__all__ = ["coloured"]

_LINE: Final = re.compile(r"(?P<name>\s+\S+\s+)(?P<drawn>.*?)(?P<legend>\s{2,}[A-Za-z#] = .*)?")
#: The terminal's own colours: they read on its background, whichever it is.
_COLOURS: Final = {"|": None, "#": "red", "!": "magenta", "^": "blue"}


def coloured(text: str) -> str:
    """Colour what `draw` drew. Without the colours it is the same text."""
    return "\n".join(map(_line, text.split("\n")))


def _line(line: str) -> str:
    words = line.lstrip()
    if line.startswith("case "):
        return click.style(line, bold=True)
    if words.startswith("%"):
        return click.style(line, dim=True)
    if words.startswith(">"):
        return click.style(line, fg="cyan")
    if words.startswith("^"):
        return click.style(line, fg="blue")
    found = _LINE.fullmatch(line)
    if found is None:
        return line
    drawn = "".join(map(_sign, found["drawn"]))
    legend = found["legend"] and click.style(found["legend"], dim=True)
    return f"{found['name']}{drawn}{legend or ''}"


def _sign(sign: str) -> str:
    if sign in _COLOURS or sign.isalpha():
        return click.style(sign, fg=_COLOURS.get(sign, "yellow"), bold=True)
    return click.style(sign, dim=True) if sign in "-()" else sign
