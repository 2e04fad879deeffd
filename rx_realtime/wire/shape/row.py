"""A row: every value of it travels as text or null, and is read as its column says.

What does not read as its type stays text, and is named: one odd column must not cost a row. What is
as it was is not read again: most columns of most changes are.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress, repeat
from operator import ne
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import astuple, replace

from ...models import ABSENT
from .columns import Schema

__all__ = ["Row", "Values", "by_name", "decode_row"]

#: What came of a row: all of it, as the schema says, or the columns that are there by name.
Values: TypeAlias = Struct | Mapping[str, Any]


class Row(Struct, frozen=True, gc=False):
    """A row, read.

    Attributes:
        said: what each column holds, as it came; `ABSENT` where nothing did.
        schema: how it was read.
        texts: of these, those of the columns that are more than text, in the schema's order.
        values: what they say, by name, where they read as their types.
    """

    said: Struct
    schema: Schema
    texts: tuple[Any, ...]
    values: dict[str, Any]

    @property
    def columns(self) -> dict[str, Any]:
        """All that it holds, by name. This is made anew each time."""
        return self.schema.named(self.said) | self.values

    def get(self, name: str) -> Any:
        """Return what a column holds; None where it is not there."""
        if name in self.values:
            return self.values[name]
        place = self.schema.places.get(name)
        said = None if place is None else getattr(self.said, place)
        return None if said is ABSENT else said

    @property
    def is_whole(self) -> bool:
        """Whether each column came."""
        return all(value is not ABSENT for value in astuple(self.said))

    def differs(self, other: Row) -> bool:
        """Whether it says something else."""
        if self.schema is other.schema:
            return self.said != other.said
        return self.columns != other.columns


def decode_row(
    values: Values, schema: Schema, base: Row | None = None
) -> tuple[Row, tuple[str, ...]]:
    """Read the values of a row, or of a part of one. What is no text is a value already.

    Args:
        values: as they came.
        schema: how they are read. A column that is not in it is text.
        base: what is known of the row; the values go on top of it.

    Returns:
        The row, and the columns that do not hold what their type says, where that is new.
    """
    said: Any = values
    if type(said) is not schema.whole or not (base is None or base.schema is schema):
        said, schema = _completed(by_name(values, schema), schema, base)
    texts, decoders = schema.texts(said), schema.decoders
    if base is None or base.schema is not schema:
        fresh, read = [True] * len(texts), {}
    elif texts == base.texts:
        return Row(said, schema, base.texts, base.values), ()
    else:
        fresh = list(map(ne, texts, base.texts))
        read = base.values.copy()
    odd: list[str] = []  # not `list[str]()`, which takes as long as reading a number
    for name, text in compress(zip(decoders, texts, strict=True), fresh):
        read.pop(name, None)
        if isinstance(text, str):
            try:
                read[name] = decoders[name](text)
            except (ValueError, RecursionError):
                odd.append(name)
    return Row(said, schema, texts, read), tuple(odd)


def by_name(values: Values, schema: Schema) -> Mapping[str, Any]:
    """Return what came, by name."""
    said: Any = values
    return schema.named(said) if type(said) is schema.whole else said


def _completed(
    values: Mapping[str, Any], schema: Schema, base: Row | None
) -> tuple[Struct, Schema]:
    """Put values on top of what is known, in the schema that has a place for all of them."""
    names, places = set(values), schema.places
    if base is not None:
        if base.schema is schema and names <= places.keys():  # as nearly always
            there = {places[name]: value for name, value in values.items()}
            return replace(base.said, **there), schema
        values = {**base.schema.named(base.said), **values}
        names = values.keys() | base.schema.columns.keys()
    schema = schema.with_texts(names)
    return schema.whole(*map(values.get, schema.columns, repeat(ABSENT))), schema
