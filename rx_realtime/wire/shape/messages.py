"""The body of an answer: a JSON array of changes and controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple, cast

from ..json_text import decode_json

__all__ = ["Batch", "Change", "Control", "Operation", "decode_batch"]

_CONTROLS = frozenset({"up-to-date", "must-refetch"})


class Operation(StrEnum):
    """What happened to a row."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


class Control(StrEnum):
    """What the server says about the log. Others say nothing to us."""

    UP_TO_DATE = "up-to-date"
    MUST_REFETCH = "must-refetch"


class Change(NamedTuple):
    """A row, or the part of one that changed; its values are text still."""

    key: str
    operation: Operation
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one answer holds.

    Attributes:
        controls: those we know, each once.
        ends_up_to_date: the last message says so; more may follow one in the middle.
        malformed: how many messages have a key and are no change.
    """

    changes: tuple[Change, ...] = ()
    controls: frozenset[Control] = field(default_factory=frozenset[Control])
    ends_up_to_date: bool = False
    malformed: int = 0


def decode_batch(body: bytes) -> Batch | None:
    """Read a body; None where it is no JSON array. What we do not know in it is left out."""
    try:
        messages = decode_json(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(messages, list):
        return None
    changes, controls = list[Change](), set[Control]()
    last: Control | None = None
    malformed = 0
    for message in cast(list[object], messages):
        last = None
        if not isinstance(message, dict):
            continue
        fields = cast(dict[str, Any], message)
        headers = fields.get("headers")
        said = cast(dict[str, Any], headers) if isinstance(headers, dict) else _NO_HEADERS
        if "key" in fields:
            change = _change(fields, said)
            if change is None:
                malformed += 1
            else:
                changes.append(change)
        elif said.get("control") in _CONTROLS:
            last = Control(said["control"])
            controls.add(last)
    ends = last is Control.UP_TO_DATE
    return Batch(tuple(changes), frozenset(controls), ends, malformed)


def _change(fields: Mapping[str, Any], headers: Mapping[str, Any]) -> Change | None:
    key, values = fields["key"], fields.get("value", {})
    operation = headers.get("operation")
    if not isinstance(key, str) or not isinstance(values, dict) or not isinstance(operation, str):
        return None
    known = _OPERATIONS.get(operation)
    return None if known is None else Change(key, known, cast(dict[str, Any], values))


_OPERATIONS: Final[Mapping[str, Operation]] = {each.value: each for each in Operation}
_NO_HEADERS: Final = dict[str, Any]()
