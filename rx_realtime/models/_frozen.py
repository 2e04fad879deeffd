"""Frozen values that may also be generic."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any, TypeVar

__all__ = ["frozen"]

C = TypeVar("C", bound=type)


def frozen(cls: C) -> C:
    """Make a frozen, slotted dataclass callable with type arguments: `Message[int](…)`.

    Python then tries to note the arguments on the instance, and lets an AttributeError pass. The
    `__setattr__` of a frozen dataclass that was made anew for its slots raises a TypeError.
    """

    def refuse(self: Any, name: str, value: Any) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    cls.__setattr__ = refuse  # type: ignore[assignment]
    return cls
