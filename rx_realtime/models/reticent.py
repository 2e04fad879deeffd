"""Structs that do not show everything."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

__all__ = ["Reticent"]


class Reticent(Struct, frozen=True):
    """The base of a frozen struct whose repr leaves out some fields: a user's data, or much of it.

    It names these in `_unshown`.
    """

    _unshown: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        names = (name for name in self.__struct_fields__ if name not in self._unshown)
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__name__}({shown})"
