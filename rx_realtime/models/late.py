"""Values whose fields are read when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

__all__ = ["Late", "late", "tell", "tellers"]

L = TypeVar("L", bound="Late")
S = TypeVar("S")


class Late:
    """The base of a frozen, slotted dataclass whose values may come with some fields unread.

    Such a field is read when it is first asked for, and kept: reading must always give the same.
    To everybody the value is as any other.
    """

    __slots__ = ("_read", "_source")

    if not TYPE_CHECKING:  # or else every name would be an attribute

        def __getattr__(self, name: str) -> Any:
            # Python asks here only for what is in no slot.
            if name not in self.__dataclass_fields__:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            value = self._read(self._source, name)
            tell(self, name, value)
            return value


#: Sets a field of a value that was made by `late`, before anybody sees it: it is frozen to all
#: others.
tell: Final[Callable[[Any, str, Any], None]] = object.__setattr__


def late(cls: type[L], read: Callable[[S, str], Any], source: S) -> L:
    """Make a value of which nothing is known yet. What is known at once is told it by `tellers`.

    Args:
        cls: its class.
        read: gives a field of the value out of its source by its name, and never fails.
        source: what the value is read out of.
    """
    value = _new(cls)
    _tell_read(value, read)
    _tell_source(value, source)
    return value


def tellers(cls: type[Late], *names: str) -> tuple[Callable[[Any, Any], None], ...]:
    """Return for each field what sets it as `tell` does: for what is told a thousand times."""
    return tuple(getattr(cls, name).__set__ for name in names)


_new: Final = object.__new__
_tell_read, _tell_source = tellers(Late, "_read", "_source")
