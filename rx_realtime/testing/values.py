"""What legends and calls name: a module of the user's, found and asked."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Any

from ..diagram import DiagramError, Meaning, Sheet

__all__ = ["load_values", "look_up", "value_of"]


def load_values(sheet: Sheet, folder: Path | None = None) -> Mapping[str, Any]:
    """Return what the sheet's values module defines; nothing where it names none.

    Args:
        sheet: `% values: pictures.py` is a file beside the diagram, `% values: my.pictures` a
            module that Python can import.
        folder: where the diagram is; by default the current directory.

    Raises:
        DiagramError: if there is no such file or module. What it raises itself goes through.
    """
    name = sheet.values
    if name is None:
        return {}
    if not name.endswith(".py"):
        if importlib.util.find_spec(name.partition(".")[0]) is None:
            raise DiagramError(f"{sheet.file}: `% values: {name}`: there is no such module")
        return vars(importlib.import_module(name))
    path = ((folder or Path()) / name).resolve()
    if not path.is_file():
        raise DiagramError(f"{sheet.file}: `% values: {name}`: there is no such file")
    known_as = f"marbles:{path}"
    if known_as not in sys.modules:
        spec = importlib.util.spec_from_file_location(known_as, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[known_as] = module  # dataclasses look their module up there
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[known_as]
            raise
    return vars(sys.modules[known_as])


def look_up(name: str, values: Mapping[str, Any]) -> Any:
    """Return what a dotted name stands for.

    Raises:
        LookupError: if it stands for nothing.
    """
    first, *rest = name.split(".")
    try:
        return reduce(getattr, rest, values[first])
    except (KeyError, AttributeError):
        raise LookupError(name) from None


def value_of(meaning: Meaning, values: Mapping[str, Any]) -> Any:
    """Return the value that a legend gives a letter.

    Raises:
        DiagramError: if it is a name that the values module does not define.
    """
    try:
        return ast.literal_eval(meaning.text)
    except ValueError:
        pass
    try:
        return look_up(meaning.text, values)
    except LookupError:
        why = f"the values module does not define `{meaning.text}`"
        raise DiagramError(why, meaning.place) from None
