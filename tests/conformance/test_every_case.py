"""No case without a test that names it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent.parent
CASES = re.findall(r"^(\d+)\. ", (Path(__file__).parent / "inngest.md").read_text(), re.MULTILINE)


def named_cases() -> Iterator[int]:
    """Yield the number of each case that the docstring of some test begins with."""
    for file in TESTS.rglob("test_*.py"):
        if "trigger" in str(file):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = ast.get_docstring(node) or ""
                if node.name.startswith("test_") and docstring.startswith(("Case ", "Cases ")):
                    yield from map(int, re.findall(r"\d+", docstring.split(".", maxsplit=1)[0]))


def test_the_cases_are_numbered_without_a_gap() -> None:
    assert [int(case) for case in CASES] == list(range(1, 66))


def test_every_case_is_named_by_a_test() -> None:
    assert sorted({int(case) for case in CASES} - set(named_cases())) == []
