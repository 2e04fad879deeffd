"""Postgres' array literals."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

__all__ = ["parse_array"]

#: An array of which nothing had to be quoted.
_BARE: Final = re.compile(r"""\{[^\s{},"\\]+(?:,[^\s{},"\\]+)*\}""")
_SPACE: Final = " \t\n\r\v\f"  # to Postgres; what else Unicode calls so is text


def parse_array(text: str, decode: Callable[[str], Any] = str) -> list[Any]:
    r"""Read a Postgres array literal, such as `{a,"b \"c\"",NULL,{d}}`.

    Raises:
        ValueError: if it is none, or an element does not decode.
    """
    plain = _plain(text)
    if plain is None:
        return _parsed(text, decode)
    return plain if decode is str else [decode(element) for element in plain]


def _plain(text: str) -> list[Any] | None:
    """Return the elements of an array that is empty, or in which all are quoted or none is."""
    if text == "{}":
        return []
    if not text.startswith('{"'):
        is_bare = _BARE.fullmatch(text) and "NULL" not in text.upper()
        return text[1:-1].split(",") if is_bare else None
    if text[-2:] != '"}' or "\\" in text or len(text) < 4:
        return None
    elements = text[2:-2].split('","')
    # A quote that is not one of these is something else.
    return elements if text.count('"') == 2 * len(elements) else None


def _parsed(text: str, decode: Callable[[str], Any]) -> list[Any]:
    outer: list[Any] = []
    open_lists = [outer]
    at = 0
    while at < len(text):
        match text[at]:
            case "{":
                inner: list[Any] = []
                open_lists[-1].append(inner)
                open_lists.append(inner)
                at += 1
            case "}":
                open_lists.pop()
                at += 1
                if len(open_lists) == 1 and at < len(text):
                    raise ValueError("text follows the array")
            case ",":
                at += 1
            case '"' if len(open_lists) > 1:
                element, at = _quoted(text, at + 1)
                open_lists[-1].append(decode(element))
            case _ if len(open_lists) > 1:
                element, at = _bare(text, at)
                open_lists[-1].append(None if element.upper() == "NULL" else decode(element))
            case _:
                raise ValueError("an array begins with a brace")
        if not open_lists:
            raise ValueError("more braces are closed than were opened")
    if len(open_lists) != 1 or len(outer) != 1:
        raise ValueError("the array does not end")
    array: list[Any] = outer[0]  # what the first brace opened
    return array


def _quoted(text: str, at: int) -> tuple[str, int]:
    parts, end = list[str](), text.find('"', at)
    while end >= 0:
        slash = text.find("\\", at, end)
        if slash < 0:
            parts.append(text[at:end])
            return "".join(parts), end + 1
        parts.append(text[at:slash] + text[slash + 1 : slash + 2])
        at = slash + 2
        if at > end:  # what looked like the end was meant literally
            end = text.find('"', at)
    raise ValueError("a quote does not end")


def _bare(text: str, at: int) -> tuple[str, int]:
    end = at
    while end < len(text) and text[end] not in ",{}":
        end += 1
    return text[at:end].strip(_SPACE), end
