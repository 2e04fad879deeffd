"""Menus that load late: a package's names, each fetched when it is asked for first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["late"]


def late(
    package: str, *modules: str, **named: str
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the `__getattr__` and the `__dir__` of a package (PEP 562).

    What type checkers and editors need to know stands beside it, under `TYPE_CHECKING`; there,
    this is not to be seen, or they would believe that the package has every name.

    Args:
        package: its name. Its `__all__` says what may be asked for.
        modules: where its names are, relative to it. They are searched in this order, so one that
            the others need anyway stands before them. They may be asked for, too.
        named: names that stand for a module.
    """
    home = vars(sys.modules[package])

    def find(name: str) -> Any:
        if name in named or name in modules:
            return import_module(f".{named.get(name, name)}", package)
        if name in home["__all__"]:
            for each in modules:
                module = import_module(f".{each}", package)
                if name in module.__all__:
                    return getattr(module, name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)

    def get(name: str) -> Any:
        value = home[name] = find(name)  # the next one who asks does not come here
        return value

    def names() -> list[str]:
        return sorted({*home, *home["__all__"]})

    return get, names
