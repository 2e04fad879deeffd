"""No case without a test that names it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TESTS = HERE.parent

#: Of each engine, how its cases are numbered.
NUMBERS = {
    "inngest": [*range(1, 66)],
    "trigger": [*range(1, 79)],
}


def cases_of(engine: str) -> list[int]:
    text = (HERE / f"{engine}.md").read_text("utf-8")
    return [int(number) for number in re.findall(r"^(\d+)\. ", text, re.MULTILINE)]


def named_cases(engine: str) -> Iterator[int]:
    """Yield the number of each case that the docstring of some test begins with.

    A test is about Trigger.dev where its path says so, and about Inngest elsewhere.
    """
    for file in TESTS.rglob("test_*.py"):
        if ("trigger" in str(file.relative_to(TESTS))) is not (engine == "trigger"):
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = ast.get_docstring(node) or ""
                if node.name.startswith("test_") and docstring.startswith(("Case ", "Cases ")):
                    yield from map(int, re.findall(r"\d+", docstring.split(".", maxsplit=1)[0]))


@pytest.mark.parametrize("engine", NUMBERS)
def test_the_cases_are_numbered_as_they_should_be(engine: str) -> None:
    assert cases_of(engine) == NUMBERS[engine]


@pytest.mark.parametrize("engine", NUMBERS)
def test_every_case_is_named_by_a_test(engine: str) -> None:
    assert sorted(set(cases_of(engine)) - set(named_cases(engine))) == []
