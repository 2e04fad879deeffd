"""Any value as a legend can have it: a Python literal, on one line, and never long."""

from __future__ import annotations

import ast

__all__ = ["literal"]

_LONGEST = 60


def literal(value: object) -> str:
    """Return a literal that stands for a value.

    It is the value itself where a short literal can say it. Of anything else it is a text: what
    `str` makes of it, or the beginning of that.
    """
    text = _repr(value)
    if len(text) > _LONGEST or not _is_literal(text):
        text = _repr(_cut(value if isinstance(value, str) else _str(value)))
    # Two spaces end an entry of a legend.
    return text.replace("  ", " \\x20")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _is_literal(text: str) -> bool:
    try:
        # Not by `==`: what is not equal to itself may still be what was meant, and NaN is a name.
        return repr(ast.literal_eval(text)) == text and text.isprintable()
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False


def _repr(value: object) -> str:
    if isinstance(value, str) and len(value) > _LONGEST:
        value = _cut(value)  # the rest of a megabyte need not be looked at
    try:
        return repr(value)
    except Exception as error:
        return f"<{type(value).__name__}: {type(error).__name__}>"


def _str(value: object) -> str:
    try:
        return str(value)
    except Exception:
        return _repr(value)
