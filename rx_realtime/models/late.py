"""Values whose fields are read when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["Late", "late"]

L = TypeVar("L", bound="Late")


class Late:
    """The base of a frozen, slotted dataclass whose values may come with some fields unread.

    Such a field is read when it is first asked for, and kept: reading must always give the same.
    To everybody the value is as any other.
    """

    __slots__ = ("_read",)

    if not TYPE_CHECKING:  # or else every name would be an attribute

        def __getattr__(self, name: str) -> Any:
            # Python asks here only for what is in no slot.
            if name not in self.__dataclass_fields__:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            value = self._read(name)
            object.__setattr__(self, name, value)
            return value


def late(cls: type[L], read: Callable[[str], Any], **known: Any) -> L:
    """Make a value of which only some fields are known yet.

    Args:
        cls: its class.
        read: gives the value of a field by its name, and never fails.
        known: the fields that need not be read.
    """
    value = object.__new__(cls)
    assign = object.__setattr__  # it is frozen to all others
    for name, field in known.items():
        assign(value, name, field)
    assign(value, "_read", read)
    return value
