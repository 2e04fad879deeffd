"""Whether two values are the same one, types and all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from msgspec import Struct

__all__ = ["is_same"]


def is_same(one: Any, other: Any) -> bool:
    """Compare strictly: `1` is not `True`, and an error is its type and its arguments.

    `==` alone would find `[1]` and `[True]` equal, and no two errors.
    """
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    match one:
        case BaseException():
            return is_same(one.args, other.args) and is_same(vars(one), vars(other))
        case list() | tuple():
            return len(one) == len(other) and all(map(is_same, one, other))  # pyright: ignore[reportUnknownArgumentType]
        case Mapping():
            return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)  # pyright: ignore[reportUnknownVariableType]
        case Struct():
            return all(
                is_same(getattr(one, name), getattr(other, name)) for name in one.__struct_fields__
            )
        case _ if is_dataclass(one):
            return all(
                is_same(getattr(one, each.name), getattr(other, each.name))
                for each in fields(one)
                if each.compare
            )
        case _:
            return bool(one == other)
