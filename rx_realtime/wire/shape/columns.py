"""Columns: Postgres' text, and how the `electric-schema` header says to read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any, TypeAlias

from msgspec import Struct, defstruct
from msgspec.structs import astuple
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ...models import ABSENT
from ..json_text import decode_json
from .arrays import parse_array

__all__ = ["Column", "Pick", "Schema", "decode_schema"]

#: Reads the text of a value. Raises ValueError or RecursionError where it does not read so.
Decode: TypeAlias = Callable[[str], Any]
#: Takes some columns out of a row, as they came.
Pick: TypeAlias = Callable[[Struct], tuple[Any, ...]]


class Column(BaseModel):
    """A column's type. What else the header says about it does not change how it is read."""

    model_config = ConfigDict(frozen=True)

    type: str = "text"
    dims: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """How the columns of a shape are read.

    Attributes:
        columns: by name.
        whole: the type of what comes of a row that has them all, in this order: a struct, which
            takes a quarter of the memory of a dict and is read faster.
        places: what each column is called in there: a name may be no Python name.
        decoders: how those are read that are more than text.
        texts: takes these out of a row, in this order.
    """

    columns: Mapping[str, Column]
    whole: type[Struct] = field(repr=False)
    places: Mapping[str, str] = field(repr=False)
    decoders: Mapping[str, Decode] = field(repr=False)
    texts: Pick = field(repr=False)

    @classmethod
    def of(cls, columns: Mapping[str, Column]) -> Schema:
        """Make the schema of these columns."""
        places = {name: f"c{index}" for index, name in enumerate(columns)}
        whole = defstruct(
            "Whole",
            [(place, Any) for place in places.values()],
            rename={place: _spelled(name, place) for name, place in places.items()},
            forbid_unknown_fields=True,
            frozen=True,
            gc=False,
        )
        every = ((name, _decoder(column)) for name, column in columns.items())
        decoders = {name: decode for name, decode in every if decode}
        return cls(columns, whole, places, decoders, _pick(places, tuple(decoders)))

    def with_texts(self, names: Iterable[str]) -> Schema:
        """Return the schema that has these columns as well; those that it does not know are text.

        It is the same one for the same names.
        """
        unknown = sorted(set(names) - self.columns.keys())
        return _wider(self, tuple(unknown)) if unknown else self

    def pick(self, *names: str) -> Pick:
        """Return what takes columns out of a row; what is no column is None there."""
        return _pick(self.places, names)

    def pick_one(self, name: str) -> Callable[[Struct], Any]:
        """Return what takes a column out of a row, or None where it is no column."""
        place = self.places.get(name)
        return attrgetter(place) if place else lambda _: None

    def named(self, row: Struct) -> dict[str, Any]:
        """Return the columns of a row by name, as they came, without those that are absent."""
        pairs = zip(self.columns, astuple(row), strict=True)
        return {name: value for name, value in pairs if value is not ABSENT}


@lru_cache(maxsize=64)  # every answer of a shape has the same one
def decode_schema(header: str) -> Schema | None:
    """Read an `electric-schema` header; None where it is none."""
    try:
        return Schema.of(_COLUMNS.validate_json(header))
    except ValidationError:
        return None


_COLUMNS: TypeAdapter[dict[str, Column]] = TypeAdapter(dict[str, Column])


@lru_cache(maxsize=64)
def _wider(schema: Schema, names: tuple[str, ...]) -> Schema:
    return Schema.of({**schema.columns, **dict.fromkeys(names, Column())})


def _spelled(name: str, place: str) -> str:
    """Return what a column is called in JSON that is read as a row.

    Not every name can be. A row with such a column always comes by name, and what is returned for
    it is the name of no other.
    """
    can_be = name.isprintable() and '"' not in name and "\\" not in name
    return name if can_be else f"\x7f{place}"


def _pick(places: Mapping[str, str], names: tuple[str, ...]) -> Pick:
    found = [places.get(name, "") for name in names]
    if not all(found) or not found:
        return lambda row: tuple([getattr(row, place) if place else None for place in found])
    get = attrgetter(*found)
    return get if len(found) > 1 else lambda row: (get(row),)  # of one it gives no tuple


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
