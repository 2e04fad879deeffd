"""Files of diagrams, read for a command: what is refused is shown with a finger on it."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from ..diagram import DiagramError, Sheet, parse
from .clean import clean

__all__ = ["REFUSED", "Refused", "of_case", "read_sheet", "refusals", "slug"]

#: The exit code for a diagram that cannot be read. What runs are watched with has its own meaning.
REFUSED: Final = 2
_LONGEST: Final = 40


class Refused(click.exceptions.Exit):
    """A diagram was refused, and it was said why."""

    def __init__(self) -> None:
        super().__init__(REFUSED)


@contextmanager
def refusals() -> Generator[None]:
    """Show what a diagram may not say, with a caret under it, and end with exit code 2."""
    try:
        yield
    except DiagramError as error:
        click.echo(clean(str(error), lines=True), err=True)
        raise Refused from None


def read_sheet(path: Path) -> Sheet:
    """Read a file; `-` is standard input.

    Raises:
        DiagramError: if it cannot be understood.
        BadParameter: if it is no text.
    """
    is_input = str(path) == "-"
    name = "<stdin>" if is_input else str(path)
    try:
        text = (sys.stdin.buffer.read() if is_input else path.read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{name} is no UTF-8: {error}") from None
    return parse(text, file=name)


def of_case(sheet: Sheet, wanted: str | None) -> Sheet:
    """Return the sheet with one of its cases alone.

    Args:
        wanted: its number, from 1, or a part of its title; None keeps all.

    Raises:
        BadParameter: if there is none, or more than one.
    """
    if wanted is None:
        return sheet
    if wanted.isdecimal() and 0 < int(wanted) <= len(sheet.cases):
        return replace(sheet, cases=(sheet.cases[int(wanted) - 1],))
    part = wanted.casefold()
    found = [case for case in sheet if case.title.casefold() == part]
    found = found or [case for case in sheet if part in case.title.casefold()]
    if len(found) != 1:
        listed = "\n".join(f"  {number}  {case.title}" for number, case in enumerate(sheet, 1))
        click.echo(clean(listed, lines=True), err=True)
        many = "no case" if not found else f"{len(found)} cases"
        raise click.BadParameter(f"{many} of {sheet.file} match {wanted!r}")
    return replace(sheet, cases=tuple(found))


def slug(text: str) -> str:
    """Return a title as part of a file's name: its first words."""
    words = re.sub(r"[^a-z0-9]+", " ", text.lower())
    return textwrap.shorten(words, _LONGEST, placeholder="").replace(" ", "-") or "case"
