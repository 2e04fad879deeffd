"""Reads the menu: what is exported exists, is documented, and has one way in.

Modules are found on the disk, so that one added tomorrow is read without a word here.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import Counter
from importlib.metadata import version
from types import ModuleType

import pytest

import rx_realtime


def public_modules() -> list[str]:
    found = pkgutil.walk_packages(rx_realtime.__path__, "rx_realtime.")
    names = [module.name for module in found]
    # A leading underscore keeps a module off the menu. `__main__` has two: importing it runs it.
    return ["rx_realtime", *(name for name in names if "._" not in name)]


def exports(module: ModuleType) -> list[str]:
    return list(getattr(module, "__all__", ()))


def is_documented(value: object) -> bool:
    """Tell whether a class, function or module has words of its own; other values need none."""
    if not (inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value)):
        return True
    doc = value.__doc__ or ""
    # A dataclass without a docstring is given its signature, which explains nothing.
    return bool(doc.strip()) and not doc.startswith(f"{value.__name__}(")


@pytest.mark.parametrize("name", public_modules())
def test_a_module_says_what_it_offers(name: str):
    module = importlib.import_module(name)
    assert hasattr(module, "__all__"), f"{name} has no __all__"
    names = exports(module)
    twice = [each for each, count in Counter(names).items() if count > 1]
    assert not twice, f"{name}.__all__ lists {twice} more than once"
    missing = [each for each in names if not hasattr(module, each)]
    assert not missing, f"{name}.__all__ lists {missing}, which {name} does not have"


@pytest.mark.parametrize("name", public_modules())
def test_whatever_is_exported_is_documented(name: str):
    module = importlib.import_module(name)
    assert is_documented(module), f"{name} has no docstring"
    silent = [each for each in exports(module) if not is_documented(getattr(module, each))]
    assert not silent, f"{name} exports {silent} without a docstring"


def test_every_operator_is_reached_through_the_front_door():
    names = [name for name in public_modules() if name.startswith("rx_realtime.operators")]
    assert len(names) > 10
    door = importlib.import_module("rx_realtime.operators")
    for name in names:
        module = importlib.import_module(name)
        for each in exports(module):
            assert each in exports(door), f"rx_realtime.operators does not offer {name}.{each}"
            assert getattr(door, each) is getattr(module, each)


def test_the_short_name_ops_means_the_operators():
    assert rx_realtime.ops is importlib.import_module("rx_realtime.operators")


def test_the_version_read_in_python_is_the_version_installed():
    assert rx_realtime.__version__ == version("rx-realtime")
