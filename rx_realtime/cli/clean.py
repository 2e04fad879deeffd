"""What others wrote, made safe for a terminal.

A payload may hold escape sequences that repaint, rename or type into a terminal, and marks that
turn a line around. None of them ever reaches one.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import PydanticSerializationError, to_jsonable_python

__all__ = ["clean", "json_text", "plain_data"]

#: Control characters (C0, DEL, C1), line and paragraph separators, bidirectional marks, invisible
#: format characters and tags; not the line feed, which is dealt with by itself. The two joiners
#: stay: families and Persian are written with them.
_CONTROL: Final = (
    r"\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_SURROGATE: Final = r"\ud800-\udfff"
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_UNSAFE = re.compile(f"[{_CONTROL}]")
_LONE = re.compile(f"[{_SURROGATE}]")
_NEVER_RAW = re.compile(f"[{_CONTROL}{_SURROGATE}]")


def clean(text: str, *, lines: bool = False) -> str:
    """Return the text without anything that a terminal would obey.

    Args:
        text: what came from elsewhere.
        lines: keep its lines apart; otherwise they become one.
    """
    text = _BREAK.sub("\n" if lines else " ", text).replace("\t", "    " if lines else " ")
    return _LONE.sub("\N{REPLACEMENT CHARACTER}", _UNSAFE.sub("", text))


def json_text(value: Any) -> str:
    """Return JSON on one line: nothing is lost, and what `clean` would remove is escaped."""
    text = json.dumps(plain_data(value), ensure_ascii=False)
    return _NEVER_RAW.sub(_escaped, text)


def plain_data(value: Any) -> Any:
    """Return models and the like as what JSON can say; what it cannot say, as text."""
    given: Any = value  # still Any where `match` has found out more
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping():
            return {str(name): plain_data(each) for name, each in given.items()}
        case list() | tuple():
            return [plain_data(each) for each in given]
        case _:
            pass
    try:
        return plain_data(to_jsonable_python(value, by_alias=True, inf_nan_mode="constants"))
    except (PydanticSerializationError, UnicodeEncodeError):
        return repr(value)


def _escaped(match: re.Match[str]) -> str:
    # json knows how astral characters are written.
    return json.dumps(match.group())[1:-1] if match.group() != "\x7f" else "\\u007f"
