"""Reads every import of the package and proves who may know whom.

The house has six floors. A room is a file or folder directly under rx_realtime/, and each room
lies on one floor. A module imports from floors below its own and from its own room, nothing else,
and never in a circle. The three lowest floors hold no sockets, clocks, dice, threads or event
loops, so that they can be tested with a value and a comparison. An import counts wherever it
stands: at the top, inside a function, or for types only.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "rx_realtime"

FLOORS = {
    "_menu": 0,
    "errors": 0,
    "diagram": 0,
    "models": 1,
    "wire": 2,
    "transports": 3,
    "operators": 3,
    "server": 3,
    "sources": 4,
    "testing": 4,
    "cli": 5,
    "__init__": 5,
    "__main__": 5,
}

# The top floor alone is a staircase: `python -m` starts the command, the command uses the menu.
STAIRS = {("__main__", "cli"), ("cli", "__init__")}

HIGHEST_PURE_FLOOR = 2
IMPURE = {
    *("asyncio", "random", "secrets", "socket", "threading", "time"),
    *("aiohappyeyeballs", "httpx2", "picows", "reactivex", "tenacity", "websockets"),
}


class Import(NamedTuple):
    """Module `importer` names module `imported` in line `line`."""

    importer: str
    line: int
    imported: str


def read_modules(package: Path) -> dict[str, Path]:
    """Find the modules in a package's folder, by dotted name."""
    modules: dict[str, Path] = {}
    for path in sorted(package.rglob("*.py")):
        dotted = ".".join(path.relative_to(package.parent).with_suffix("").parts)
        modules[dotted.removesuffix(".__init__")] = path
    return modules


def read_imports(modules: Mapping[str, Path]) -> Iterator[Import]:
    for module, path in modules.items():
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
            for line, name in named_by(node, package):
                # `from a import b`: b is a module of its own, or something that a defines.
                parent = name.rpartition(".")[0]
                is_attribute = name not in modules and parent in modules
                yield Import(module, line, parent if is_attribute else name)


def named_by(node: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Name what one node imports, absolutely; `package` is where relative names start."""
    match node:
        case ast.Import(names=names):
            for alias in names:
                yield node.lineno, alias.name
        case ast.ImportFrom(module=module, names=names, level=level):
            base = absolute("." * level + (module or ""), package)
            for alias in names:
                yield node.lineno, base if alias.name == "*" else f"{base}.{alias.name}"
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield node.lineno, absolute(name, package)
        case _:
            pass


def absolute(name: str, package: str) -> str:
    rest = name.lstrip(".")
    if rest == name:
        return name
    up = len(name) - len(rest) - 1
    parents = package.split(".")
    return ".".join([*parents[: len(parents) - up], *rest.split(".")]).rstrip(".")


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def why_not(importer: str, imported: str, package: str) -> str | None:
    """Say which rule forbids this import, or None when it may stand."""
    here = room_of(importer)
    floor = FLOORS[here]
    top = imported.partition(".")[0]
    if top != package:
        if floor <= HIGHEST_PURE_FLOOR and top in IMPURE:
            return f"imports {top}, but floors 0-{HIGHEST_PURE_FLOOR} are pure"
        return None
    there = room_of(imported)
    if there not in FLOORS:
        return f"imports {imported}, which lies on no floor"
    if here == there or FLOORS[there] < floor or (here, there) in STAIRS:
        return None
    rule = (
        "rooms on one floor do not know each other"
        if FLOORS[there] == floor
        else "imports only ever go down"
    )
    return f"floor {floor} ({here}) imports floor {FLOORS[there]} ({there}), but {rule}"


def broken_rules(package: Path) -> list[str]:
    modules = read_modules(package)
    homeless = [module for module in modules if room_of(module) not in FLOORS]
    found = [
        f"{place(modules[module], package)}:1: "
        f"{room_of(module)} lies on no floor: give it one in FLOORS"
        for module in homeless
    ]
    for importer, line, imported in read_imports(modules):
        if importer in homeless:
            continue
        if reason := why_not(importer, imported, package.name):
            found.append(f"{place(modules[importer], package)}:{line}: {reason}")
    return found


def find_circle(package: Path) -> list[str]:
    """Walk one circle of imports, a line for each step; empty when there is none."""
    modules = read_modules(package)
    lines = {(each.importer, each.imported): each.line for each in read_imports(modules)}
    graph: defaultdict[str, set[str]] = defaultdict(set)
    for importer, imported in lines:
        if imported in modules:
            graph[importer].add(imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # graphlib names each module before the one that imports it; people read it the other way.
        circle: list[str] = error.args[1][::-1]
        return [
            f"{place(modules[importer], package)}:{lines[importer, imported]}: "
            f"imports {imported}, which closes a circle"
            for importer, imported in pairwise(circle)
        ]
    return []


def place(path: Path, package: Path) -> str:
    return path.relative_to(package.parent).as_posix()


# --- the house itself -----------------------------------------------------------------------


def test_every_module_imports_only_floors_below_it():
    assert read_modules(PACKAGE), "no modules found: the proof would be empty"
    assert not (broken := broken_rules(PACKAGE)), "\n".join(["", *broken])


def test_no_modules_import_each_other_in_a_circle():
    assert not (circle := find_circle(PACKAGE)), "\n".join(["", *circle])


# --- the proof, on houses small enough to see through -------------------------------------------


def build(tmp_path: Path, **files: str) -> Path:
    """Build a house; `wire__base="import time"` becomes house/wire/base.py."""
    package = tmp_path / "house"
    for name, text in {"__init__": "", **files}.items():
        path = package / (name if name.startswith("__") else name.replace("__", "/", 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".py").write_text(text, "utf-8")
    return package


def test_a_well_built_house_has_nothing_to_report(tmp_path: Path):
    package = build(
        tmp_path,
        __init__="from house.sources.inngest import run\nfrom . import errors",
        __main__="from house.cli import main",
        cli="from house import __version__\nimport click",
        errors="import enum",
        models____init__="from .status import Status",
        models__status="from house.errors import Bad",
        wire__base="from house.models import Status\nfrom dataclasses import dataclass",
        operators__retry="import time, reactivex\nfrom ..wire import base",
        sources__inngest="import house.operators.retry as retry",
    )
    assert broken_rules(package) == []
    assert find_circle(package) == []


@pytest.mark.parametrize(
    "statement",
    [
        "from house.wire import base",
        "from house.wire.base import Wire",
        "from house.wire.base import *",
        "import house.wire.base",
        "import house.wire.base as base",
        "from ..wire import base",
        "from ..wire.base import Wire",
        "from .. import wire",
        "def later():\n    from house.wire import base",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.wire import base",
        "import importlib\nimportlib.import_module('house.wire.base')",
        "__import__('house.wire')",
    ],
)
def test_an_import_that_goes_up_is_reported_in_every_spelling(tmp_path: Path, statement: str):
    package = build(tmp_path, wire____init__="", wire__base="", models__run=statement)
    [report] = broken_rules(package)
    where, _, why = report.partition(": ")
    assert where == f"house/models/run.py:{statement.count(chr(10)) + 1}"
    assert why == "floor 1 (models) imports floor 2 (wire), but imports only ever go down"


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("transports", "operators"),
        ("operators", "server"),
        ("server", "transports"),
        ("sources", "testing"),
        ("testing", "sources"),
        ("errors", "diagram"),
        ("cli", "__main__"),
    ],
)
def test_rooms_on_one_floor_do_not_know_each_other(tmp_path: Path, here: str, there: str):
    package = build(tmp_path, **{there: "", here: f"import house.{there}"})
    [report] = broken_rules(package)
    assert report.startswith(f"house/{here}.py:1: ")
    assert report.endswith("rooms on one floor do not know each other")


def test_the_front_door_is_above_everything_that_is_not_a_command(tmp_path: Path):
    package = build(tmp_path, errors="from house import __version__")
    [report] = broken_rules(package)
    assert report.startswith("house/errors.py:1: floor 0 (errors) imports floor 5 (__init__)")


@pytest.mark.parametrize("room", ["errors", "diagram", "models__run", "wire__base"])
@pytest.mark.parametrize("impure", sorted(IMPURE))
def test_a_pure_floor_may_not_touch_the_world(tmp_path: Path, room: str, impure: str):
    package = build(tmp_path, **{room: f"import enum\nfrom {impure}.inside import thing"})
    assert broken_rules(package) == [
        f"house/{room.replace('__', '/')}.py:2: imports {impure}, but floors 0-2 are pure"
    ]


def test_a_module_without_a_floor_is_reported(tmp_path: Path):
    package = build(tmp_path, helpers="import time", attic__old="")
    assert broken_rules(package) == [
        "house/attic/old.py:1: attic lies on no floor: give it one in FLOORS",
        "house/helpers.py:1: helpers lies on no floor: give it one in FLOORS",
    ]


def test_importing_a_room_that_lies_on_no_floor_is_reported(tmp_path: Path):
    package = build(tmp_path, cli="from house.nowhere import thing")
    assert broken_rules(package) == [
        "house/cli.py:1: imports house.nowhere.thing, which lies on no floor"
    ]


def test_a_circle_is_walked_step_by_step(tmp_path: Path):
    package = build(
        tmp_path,
        models__a="\nfrom .b import B",
        models__b="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .c import C",
        models__c="from house.models import a",
        models__d="from . import a",
    )
    steps = {
        "house/models/a.py:2: imports house.models.b, which closes a circle",
        "house/models/b.py:3: imports house.models.c, which closes a circle",
        "house/models/c.py:1: imports house.models.a, which closes a circle",
    }
    circle = find_circle(package)
    assert len(circle) == len(steps)
    assert set(circle) == steps


def test_a_room_and_its_own_front_door_can_form_a_circle(tmp_path: Path):
    package = build(
        tmp_path,
        models____init__="from .run import Run",
        models__run="from house.models import Run",
    )
    assert broken_rules(package) == []
    assert set(find_circle(package)) == {
        "house/models/__init__.py:1: imports house.models.run, which closes a circle",
        "house/models/run.py:1: imports house.models, which closes a circle",
    }
