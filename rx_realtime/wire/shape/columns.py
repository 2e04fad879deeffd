"""Column values: Postgres' text, as the `electric-schema` header says how to read it.

Every value travels as text or null. What does not read as its type stays text, and is named: one
odd column must not cost a row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

__all__ = [
    "Column",
    "Decoded",
    "Schema",
    "decode_row",
    "decode_schema",
    "decode_value",
    "parse_array",
]


class Column(BaseModel):
    """A column's type. What else the header says about it does not change how it is read."""

    model_config = ConfigDict(frozen=True)

    type: str = "text"
    dims: int = 0


#: Columns by name. A column that is not in it is read as text.
Schema = Mapping[str, Column]

_SCHEMA: TypeAdapter[dict[str, Column]] = TypeAdapter(dict[str, Column])
_TEXT: Final = Column()


def decode_schema(header: str) -> Schema | None:
    """Read an `electric-schema` header; None where it is none."""
    try:
        return _SCHEMA.validate_json(header)
    except ValidationError:
        return None


class Decoded(NamedTuple):
    """A row's values, and the columns that do not hold what their type says."""

    row: dict[str, Any]
    odd: tuple[str, ...] = ()


def decode_row(values: Mapping[str, Any], schema: Schema) -> Decoded:
    """Read the values of a row, or of a part of one."""
    row, odd = dict[str, Any](), list[str]()
    for name, value in values.items():
        try:
            row[name] = decode_value(value, schema.get(name, _TEXT))
        except (ValueError, RecursionError):
            row[name] = value
            odd.append(name)
    return Decoded(row, tuple(odd))


def decode_value(value: Any, column: Column) -> Any:
    """Read one value. What is no text is a value already.

    Raises:
        ValueError: if it does not read as the column's type.
        RecursionError: if it is JSON that is nested too deeply.
    """
    if not isinstance(value, str):
        return value
    decode = _DECODERS.get(column.type, str)
    return parse_array(value, decode) if column.dims > 0 else decode(value)


def _boolean(text: str) -> bool:
    return text in ("t", "true")


_DECODERS: Mapping[str, Callable[[str], Any]] = {
    "int2": int,
    "int4": int,
    "int8": int,  # exact: Python's integers have no limit
    "float4": float,
    "float8": float,
    "bool": _boolean,
    "json": json.loads,
    "jsonb": json.loads,
}


def parse_array(text: str, decode: Callable[[str], Any] = str) -> list[Any]:
    r"""Read a Postgres array literal, such as `{a,"b \"c\"",NULL,{d}}`.

    Raises:
        ValueError: if it is none, or an element does not decode.
    """
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
    parts = list[str]()
    while at < len(text):
        match text[at]:
            case '"':
                return "".join(parts), at + 1
            case "\\":
                parts.append(text[at + 1 : at + 2])
                at += 2
            case character:
                parts.append(character)
                at += 1
    raise ValueError("a quote does not end")


def _bare(text: str, at: int) -> tuple[str, int]:
    end = at
    while end < len(text) and text[end] not in ",{}":
        end += 1
    return text[at:end].strip(), end
