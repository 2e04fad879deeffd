"""Every picture in marbles/ is performed; every operator has one."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from rx_realtime import ops
from rx_realtime.diagram import Case, Sheet, draw, parse
from rx_realtime.testing import check, load_values

MARBLES = Path(__file__).resolve().parent.parent / "marbles"
FILES = sorted(MARBLES.rglob("*.marble"))


def read(path: Path) -> Sheet:
    return parse(path.read_text("utf-8"), file=path.relative_to(MARBLES.parent).as_posix())


CASES = [
    pytest.param(path, sheet, case, id=f"{path.relative_to(MARBLES).as_posix()}: {case.title}")
    for path in FILES
    for sheet in [read(path)]
    for case in sheet
]


@pytest.mark.parametrize(("path", "sheet", "case"), CASES)
def test_what_is_drawn_is_what_happens(path: Path, sheet: Sheet, case: Case):
    check(sheet, case, load_values(sheet, path.parent))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(MARBLES).as_posix())
def test_a_picture_says_the_same_when_it_is_drawn_again(path: Path):
    sheet = read(path)
    assert parse(draw(sheet)) == sheet


def is_operator(name: str) -> bool:
    """Tell whether a function returns one from observable to observable."""
    value = getattr(ops, name)
    if not inspect.isfunction(value):
        return False
    return str(inspect.signature(value).return_annotation).startswith("Callable[[Observable[")


def test_every_operator_has_its_pictures():
    operators = {name for name in ops.__all__ if is_operator(name)}
    assert operators == {path.stem for path in MARBLES.glob("*.marble")}
