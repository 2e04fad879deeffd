"""What is loaded when: who imports the package pays for what is used of it.

Counted in interpreters of their own, by what they have loaded, and not by a clock.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from inspect import getsource
from textwrap import dedent
from types import ModuleType

import pytest

import rx_realtime
import rx_realtime.sources
import rx_realtime.testing

#: What takes tens of milliseconds to load.
HEAVY = {
    *("asyncio", "click", "cryptography", "httpx2", "jwt", "msgspec", "pydantic", "reactivex"),
    *("rich", "starlette", "tenacity", "uvicorn", "websockets"),
}
#: Packages whose names are fetched when they are asked for.
LATE = [rx_realtime, rx_realtime.sources, rx_realtime.testing]


def run(statements: str) -> str:
    code = [sys.executable, "-c", statements]
    return subprocess.run(code, capture_output=True, text=True, check=True).stdout


def loaded_by(statements: str) -> set[str]:
    """Return what an interpreter loads for some statements."""
    said = run(
        f"import sys\nbefore = set(sys.modules)\n{statements}\nprint(*{{*sys.modules}} - before)"
    )
    return set(said.split())


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] == "rx_realtime"}


def promised(package: ModuleType) -> dict[str, object]:
    """Follow the imports that only type checkers see."""
    [block] = [node for node in ast.parse(getsource(package)).body if isinstance(node, ast.If)]
    names: dict[str, object] = {"__package__": package.__name__}
    exec(compile(ast.Module(block.body, []), str(package.__file__), "exec"), names)  # noqa: S102
    return {name: value for name, value in names.items() if not name.startswith("__")}


def test_importing_the_package_loads_nothing_that_is_heavy():
    loaded = loaded_by("import rx_realtime")
    assert not loaded & HEAVY
    assert ours(loaded) == {"rx_realtime", "rx_realtime._menu"}


def test_who_talks_to_inngest_loads_nothing_of_trigger_nor_what_draws_and_serves():
    loaded = loaded_by("import rx_realtime as rxr; rxr.inngest.realtime")
    assert {"websockets", "rx_realtime.sources.inngest.realtime"} <= loaded
    assert not loaded & {"click", "cryptography", "jwt", "rich", "starlette", "uvicorn"}
    assert not loaded & {"aiohappyeyeballs", "picows"}  # not before the first connection
    strangers = ("diagram", "server", "sources.trigger", "testing", "wire.shape", "wire.trigger")
    assert not ours(loaded) & {f"rx_realtime.{name}" for name in strangers}


def test_who_talks_to_trigger_loads_nothing_of_inngest_nor_what_signs():
    loaded = loaded_by("import rx_realtime as rxr; rxr.trigger.realtime")
    assert {"httpx2", "rx_realtime.sources.trigger.realtime"} <= loaded
    assert not loaded & {"click", "cryptography", "jwt", "rich", "starlette", "uvicorn"}
    strangers = ("diagram", "server", "sources.inngest", "testing", "wire.inngest")
    assert not ours(loaded) & {f"rx_realtime.{name}" for name in strangers}


def test_the_plugin_costs_a_project_without_diagrams_nothing():
    loaded = loaded_by(
        "import pytest; before = set(sys.modules); import rx_realtime.testing.plugin"
    )
    assert loaded == {
        *("rx_realtime", "rx_realtime._menu"),
        *("rx_realtime.testing", "rx_realtime.testing.plugin"),
    }


@pytest.mark.parametrize("package", LATE, ids=lambda package: package.__name__)
def test_what_type_checkers_see_is_what_is_served(package: ModuleType):
    seen = promised(package)
    assert seen
    assert [name for name, value in seen.items() if getattr(package, name) is not value] == []


def test_the_menu_is_complete_before_anything_of_it_is_loaded():
    statements = "import rx_realtime; print(set(rx_realtime.__all__) <= set(dir(rx_realtime)))"
    assert run(statements) == "True\n"
    everything = "from rx_realtime import *; print(Realtime, ops, inngest.realtime, __version__)"
    assert "Realtime" in run(everything)


def test_rooms_can_be_reached_through_the_package():
    statements = "import rx_realtime; print(rx_realtime.models.Opened, rx_realtime.errors)"
    assert "rx_realtime.models.update.Opened" in run(statements)


@pytest.mark.parametrize("package", LATE, ids=lambda package: package.__name__)
def test_a_name_that_is_not_on_the_menu_is_an_error_that_names_it(package: ModuleType):
    with pytest.raises(AttributeError, match=f"'{package.__name__}' has no attribute 'soup'"):
        _ = package.soup
    with pytest.raises(ImportError, match=f"cannot import name 'soup' from '{package.__name__}'"):
        exec(f"from {package.__name__} import soup")  # noqa: S102


def test_a_dependency_that_is_missing_is_named_by_who_needs_it():
    statements = """
        import sys
        sys.modules["httpx2"] = None
        import rx_realtime
        try:
            rx_realtime.inngest
        except ModuleNotFoundError as missing:
            print(missing.name)
    """
    assert run(dedent(statements)) == "httpx2\n"
