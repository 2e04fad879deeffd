"""What can be done to a run's metadata, one operation after the other."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal, TypeGuard

from pydantic import BaseModel, Field

__all__ = ["Operation", "apply_operations"]

_JSON_PATH: Final = "$."
_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
#: No language's objects may be changed through these.
_UNSAFE: Final = frozenset({"__proto__", "constructor", "prototype"})


class _Update(BaseModel):
    type: Literal["update"]
    value: dict[str, Any]


class _Keyed(BaseModel):
    type: Literal["set", "append", "remove"]
    key: str
    value: Any


class _Increment(BaseModel):
    type: Literal["increment"]
    key: str
    value: float


class _Delete(BaseModel):
    type: Literal["delete"]
    key: str


Operation = Annotated[_Update | _Keyed | _Increment | _Delete, Field(discriminator="type")]


def apply_operations(metadata: dict[str, Any], operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the metadata after these operations. One that makes no sense changes nothing."""
    done = copy.deepcopy(metadata)
    for operation in operations:
        if isinstance(operation, _Update):
            done = copy.deepcopy(operation.value)
            continue
        path = _path(operation.key)
        if not path or not _UNSAFE.isdisjoint(map(str, path)):
            continue
        match operation:
            case _Keyed():
                _edit(done, path, operation)
            case _Increment(value=by):
                before = _get(done, path)
                number = by + (before if _is_number(before) else 0)
                _set(done, path, int(number) if float(number).is_integer() else number)
            case _Delete(key=key):
                done.pop(key, None)
    return done


def _edit(metadata: dict[str, Any], path: list[str | int], operation: _Keyed) -> None:
    before = _get(metadata, path)
    match operation.type:
        case "set":
            _set(metadata, path, operation.value)
        case "append":
            there = before if _is_list(before) else [] if before is None else [before]
            _set(metadata, path, [*there, operation.value])
        case "remove":
            if _is_list(before):
                _set(metadata, path, [each for each in before if each != operation.value])


def _path(key: str) -> list[str | int]:
    """Read a key, which is a name or, from `$.` on, the way to one."""
    if not key.startswith(_JSON_PATH):
        return [key]
    steps = _STEP.findall(key.removeprefix(_JSON_PATH))
    return [int(index) if index else name for name, index in steps]


def _get(value: Any, path: list[str | int]) -> Any:
    for step in path:
        if _is_object(value) and isinstance(step, str):
            value = value.get(step)
        elif _is_list(value) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _set(value: dict[str, Any], path: list[str | int], new: Any) -> None:
    """Put a value where the path leads; what is not there on the way is made."""
    here: Any = value
    for step in path[:-1]:
        there = _get(here, [step])
        if not _is_object(there) and not _is_list(there):
            there = dict[str, Any]()
            _put(here, step, there)
        here = there
    _put(here, path[-1], new)


def _put(value: Any, step: str | int, new: Any) -> None:
    if _is_object(value):
        value[str(step)] = new
    elif _is_list(value) and isinstance(step, int):
        value[step : step + 1] = [new]  # beyond the end it is appended


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
