"""Column values: Postgres' text, as the `electric-schema` header says how to read it.

Every value travels as text or null. What does not read as its type stays text, and is named: one
odd column must not cost a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ..json_text import decode_json
from .arrays import parse_array

__all__ = ["Column", "Schema", "decode_row", "decode_schema"]

#: Reads the text of a value. Raises ValueError or RecursionError where it does not read so.
Decode: TypeAlias = Callable[[str], Any]


class Column(BaseModel):
    """A column's type. What else the header says about it does not change how it is read."""

    model_config = ConfigDict(frozen=True)

    type: str = "text"
    dims: int = 0


@dataclass(frozen=True, slots=True)
class Schema:
    """How the columns of a shape are read. One that is not in it is text.

    Attributes:
        columns: by name.
        decoders: how those are read that are more than text.
    """

    columns: Mapping[str, Column]
    decoders: tuple[tuple[str, Decode], ...] = field(repr=False, compare=False)

    @classmethod
    def of(cls, columns: Mapping[str, Column]) -> Schema:
        """Make the schema of these columns."""
        decoders = ((name, _decoder(column)) for name, column in columns.items())
        return cls(columns, tuple((name, decode) for name, decode in decoders if decode))


_COLUMNS: TypeAdapter[dict[str, Column]] = TypeAdapter(dict[str, Column])


@lru_cache(maxsize=64)  # every answer of a shape has the same one
def decode_schema(header: str) -> Schema | None:
    """Read an `electric-schema` header; None where it is none."""
    try:
        return Schema.of(_COLUMNS.validate_json(header))
    except ValidationError:
        return None


def decode_row(
    values: Mapping[str, Any], schema: Schema, base: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Read the values of a row, or of a part of one. What is no text is a value already.

    Args:
        values: as they came.
        schema: how they are read.
        base: what is known of the row; the values go on top of it.

    Returns:
        The row, and the columns that do not hold what their type says.
    """
    row = dict(values) if base is None else {**base, **values}
    get, odd = values.get, tuple[str, ...]()
    for name, decode in schema.decoders:
        text = get(name)
        if isinstance(text, str):
            try:
                row[name] = decode(text)
            except (ValueError, RecursionError):
                odd = (*odd, name)
    return row, odd


def _decoder(column: Column) -> Decode | None:
    """Return what reads a column's text, and raises ValueError or RecursionError; None for text."""
    decode = _DECODERS.get(column.type)
    if column.dims <= 0:
        return decode
    return parse_array if decode is None else partial(parse_array, decode=decode)


_DECODERS: Mapping[str, Decode] = {
    "int2": int,
    "int4": int,
    "int8": int,  # exact: Python's integers have no limit
    "float4": float,
    "float8": float,
    "bool": frozenset({"t", "true"}).__contains__,
    "json": decode_json,
    "jsonb": decode_json,
}
