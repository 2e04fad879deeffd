"""Superjson: JSON beside notes of what JSON cannot say.

https://github.com/flightcontrolhq/superjson

Only known types are revived, and none of them runs code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

__all__ = ["revive"]

#: How deep values may be nested that are revived; what lies deeper stays as it is.
_DEPTH = 100


class _Note(NamedTuple):
    """Where a value is, and what it was."""

    path: tuple[str, ...]
    kind: str


def revive(value: Any, meta: Any) -> Any:
    """Return the value with dates, sets, maps, big and unsaid numbers as Python has them.

    What its notes get wrong stays as JSON said it.
    """
    root = [value]  # so that the value itself has a place, too
    notes = cast(Mapping[str, Any], meta).get("values") if isinstance(meta, Mapping) else None
    for note in _read(notes, (), 0):
        _apply(root, note)
    return root[0]


def _read(tree: Any, path: tuple[str, ...], depth: int) -> Iterator[_Note]:
    """Walk the tree of notes, children before their parents: a set is made of what is in it."""
    if depth > _DEPTH:
        return
    children: Any = tree
    kind: Any = None
    if isinstance(tree, list):
        kind, children, *_ = [*cast(list[object], tree), None, None]
    if isinstance(children, Mapping):
        for name, child in cast(Mapping[str, Any], children).items():
            yield from _read(child, (*path, *_steps(name)), depth + 1)
    if isinstance(kind, str):
        yield _Note(path, kind)


def _steps(path: str) -> tuple[str, ...]:
    r"""Split a path at its dots; `\.` is a dot in a name."""
    steps, step = list[str](), ""
    characters = iter(path)
    for character in characters:
        if character == "\\":
            step += next(characters, "")
        elif character == ".":
            steps.append(step)
            step = ""
        else:
            step += character
    return (*steps, step)


def _apply(root: list[Any], note: _Note) -> None:
    place: Any = root
    step: Any = 0
    for name in note.path:
        place = _get(place, step)
        step = int(name) if isinstance(place, list) and name.isdecimal() else name
    try:
        place[step] = _REVIVERS.get(note.kind, _same)(place[step])
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        return


def _get(place: Any, step: Any) -> Any:
    try:
        return place[step]
    except (TypeError, KeyError, IndexError):
        return None


def _same(value: Any) -> Any:
    return value


def _date(value: Any) -> Any:
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _map(value: Any) -> Any:
    return {key: item for key, item in value}  # noqa: C416  (each entry must be a pair)


def _number(value: Any) -> Any:
    return float(value)


_REVIVERS: Mapping[str, Callable[[Any], Any]] = {
    "Date": _date,
    "bigint": int,
    "set": set,
    "map": _map,
    "number": _number,  # NaN, Infinity, -Infinity, -0
    "undefined": lambda _: None,
}
