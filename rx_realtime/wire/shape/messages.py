"""The body of an answer: a JSON array of changes and controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from types import GenericAlias
from typing import Any, Final, cast

from msgspec import UNSET, Struct, UnsetType, defstruct
from msgspec.json import Decoder

from ..json_text import decode_json
from .row import Values

__all__ = ["Batch", "Change", "Control", "Operation", "decode_batch"]


class Operation(StrEnum):
    """What happened to a row."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


class Control(StrEnum):
    """What the server says about the log. Others say nothing to us."""

    UP_TO_DATE = "up-to-date"
    MUST_REFETCH = "must-refetch"


class Change(Struct, frozen=True, gc=False):
    """A row, or the part of one that changed; its values are text still."""

    key: str
    operation: Operation
    values: Values


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


def decode_batch(body: bytes, whole: type[Struct] | None = None) -> Batch | None:
    """Read a body; None where it is no JSON array. What we do not know in it is left out.

    Args:
        body: the answer's.
        whole: how a whole row is read; without it, or where not all of them are whole, they come as
            dicts.
    """
    messages = None if whole is None else _decode(whole, body)
    if messages is None:
        messages = _decode(dict[str, Any], body)
    if messages is None:  # something in it is strange
        messages = _decode_one_by_one(body)
    if messages is None:
        return None
    changes, controls = list[Change](), set[Control]()
    last: Control | None = None
    malformed = 0
    for message in messages:
        headers, last = message.headers, None
        if message.key is not UNSET:
            if headers.operation is None:
                malformed += 1
            else:
                changes.append(Change(message.key, headers.operation, message.value))
        elif headers.control is not None:
            last = _CONTROLS.get(headers.control)
            if last is not None:
                controls.add(last)
    ends = last is Control.UP_TO_DATE
    return Batch(tuple(changes), frozenset(controls), ends, malformed)


class _Headers(Struct, frozen=True, gc=False):
    operation: Operation | None = None
    control: str | None = None


class _Message(Struct, frozen=True, gc=False):
    """A message. One with a key and without an operation is a change that is none."""

    headers: _Headers = _Headers()
    key: str | UnsetType = UNSET
    value: Any = {}  # msgspec copies it


@lru_cache(maxsize=64)
def _decoder(values: Any) -> Decoder[list[_Message]]:
    """Return what reads messages whose values are of this type."""
    message = defstruct(
        "Message", [("value", values, {})], bases=(_Message,), frozen=True, gc=False
    )
    return Decoder(GenericAlias(list, (message,)))


def _decode(values: Any, body: bytes) -> list[_Message] | None:
    try:
        return _decoder(values).decode(body)
    except (ValueError, RecursionError):
        return None


_CONTROLS: Final[Mapping[str, Control]] = {each.value: each for each in Control}
_OPERATIONS: Final[Mapping[str, Operation]] = {each.value: each for each in Operation}


def _decode_one_by_one(body: bytes) -> list[_Message] | None:
    """Read a body in which something is no message that we know: it must not cost the others."""
    try:
        messages = decode_json(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(messages, list):
        return None
    return [_message(each) for each in cast(list[object], messages)]


def _message(said: object) -> _Message:
    fields = _mapping(said)
    headers = _mapping(fields.get("headers"))
    control, operation = headers.get("control"), headers.get("operation")
    if "key" not in fields:
        return _Message(_Headers(control=control if isinstance(control, str) else None))
    key, value = fields["key"], fields.get("value", {})
    if not isinstance(key, str) or not isinstance(value, dict) or not isinstance(operation, str):
        return _Message(key="")
    return _Message(_Headers(_OPERATIONS.get(operation)), key, cast(dict[str, Any], value))


def _mapping(said: object) -> Mapping[str, Any]:
    return cast(dict[str, Any], said) if isinstance(said, dict) else {}
