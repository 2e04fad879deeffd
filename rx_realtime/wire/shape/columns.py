"""Column values: Postgres' text, as the `electric-schema` header says how to read it.

Every value travels as text or null. What does not read as its type stays text, and is named: one
odd column must not cost a row. What is as it was is not read again: most columns of most changes
are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import compress
from operator import itemgetter, ne
from typing import Any, TypeAlias

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ..json_text import decode_json
from .arrays import parse_array

__all__ = ["Column", "Decoded", "Schema", "decode_row", "decode_schema"]

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
        texts: takes these out of a row, in this order. Raises KeyError where it is not whole.
    """

    columns: Mapping[str, Column]
    decoders: Mapping[str, Decode] = field(repr=False, compare=False)
    texts: Callable[[Mapping[str, Any]], tuple[Any, ...]] = field(repr=False, compare=False)

    @classmethod
    def of(cls, columns: Mapping[str, Column]) -> Schema:
        """Make the schema of these columns."""
        every = ((name, _decoder(column)) for name, column in columns.items())
        decoders = {name: decode for name, decode in every if decode}
        return cls(columns, decoders, _getter(tuple(decoders)))


_COLUMNS: TypeAdapter[dict[str, Column]] = TypeAdapter(dict[str, Column])


@lru_cache(maxsize=64)  # every answer of a shape has the same one
def decode_schema(header: str) -> Schema | None:
    """Read an `electric-schema` header; None where it is none."""
    try:
        return Schema.of(_COLUMNS.validate_json(header))
    except ValidationError:
        return None


class Decoded(Struct, frozen=True, gc=False):
    """A row, read.

    Attributes:
        row: all that it holds.
        schema: how it was read.
        texts: what the columns that are more than text held as they came, in the schema's order.
        values: what these say, by name, where they read as their types.
    """

    row: dict[str, Any]
    schema: Schema
    texts: tuple[Any, ...]
    values: dict[str, Any]


def decode_row(
    values: Mapping[str, Any], schema: Schema, base: Decoded | None = None
) -> tuple[Decoded, tuple[str, ...]]:
    """Read the values of a row, or of a part of one. What is no text is a value already.

    Args:
        values: as they came.
        schema: how they are read.
        base: what is known of the row; the values go on top of it.

    Returns:
        The row, and the columns that do not hold what their type says, where that is new.
    """
    decoders = schema.decoders
    known: Mapping[str, Any] = {} if base is None else base.row
    if base is None or base.schema is not schema:
        texts = tuple(map(values.get, decoders))
        fresh, read = list(decoders), {}
    else:
        try:
            texts = schema.texts(values)
        except KeyError:  # it is a part of one
            texts = tuple(map(values.get, decoders, base.texts))
        if texts == base.texts:
            return Decoded({**known, **values, **base.values}, schema, base.texts, base.values), ()
        fresh = list(compress(decoders, map(ne, texts, base.texts)))
        read = {name: value for name, value in base.values.items() if name not in fresh}
    odd: list[str] = []  # not `list[str]()`, which takes as long as reading a number
    for name in fresh:
        text = values.get(name)
        if isinstance(text, str):
            try:
                read[name] = decoders[name](text)
            except (ValueError, RecursionError):
                odd.append(name)
    return Decoded({**known, **values, **read}, schema, texts, read), tuple(odd)


def _getter(names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple([values[name] for name in names])  # of one it would be no tuple


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
