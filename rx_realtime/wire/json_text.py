"""JSON as everybody reads it, as fast as it can be read."""

from __future__ import annotations

import json
from typing import Any

from msgspec.json import decode

__all__ = ["decode_json"]


def decode_json(text: str | bytes) -> Any:
    """Return the value of a JSON text.

    `json.loads` takes some texts that the fast decoder does not, such as half a surrogate pair:
    what JavaScript wrote should be read.

    Raises:
        ValueError: if it is no JSON.
        RecursionError: if it is nested too deeply.
    """
    try:
        return decode(text)
    except ValueError:
        return json.loads(text)
