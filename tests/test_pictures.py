"""Every picture shows what its diagram says today; `make pictures` draws them anew."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from rx_realtime.cli.sheets import slug
from rx_realtime.diagram import Sheet, parse, svg

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "marbles" / "pictures"
FILES = sorted(path.relative_to(PICTURES).as_posix() for path in PICTURES.rglob("*.svg"))


def drawn_from(name: str) -> Sheet:
    """Return what a picture shows: a file's cases, or the one that it is named after."""
    stem = Path(name).stem
    folder = ROOT / "marbles" / Path(name).parent
    for path in sorted(folder.glob("*.marble")):
        sheet = parse(path.read_text("utf-8"), file=path.name)
        if path.stem == stem:
            return sheet
        for case in sheet:
            if stem == f"{path.stem}-{slug(case.title)}":
                return replace(sheet, cases=(case,))
    raise AssertionError(f"{name} is drawn from nothing: make pictures")


@pytest.mark.parametrize("name", FILES)
def test_a_picture_is_up_to_date(name: str):
    drawn = svg(drawn_from(name)).encode()
    # Not compared by the assertion itself, which would print both.
    is_same = drawn == (PICTURES / name).read_bytes()
    assert is_same, f"marbles/pictures/{name} shows what was: make pictures"


def test_every_diagram_has_its_picture():
    diagrams = (ROOT / "marbles").rglob("*.marble")
    wanted = {
        path.relative_to(ROOT / "marbles").with_suffix(".svg").as_posix() for path in diagrams
    }
    assert not wanted - set(FILES), "make pictures"


def test_the_pictures_of_the_readme_are_there():
    shown = re.findall(r"!\[[^]]*\]\(([^)]+\.svg)\)", (ROOT / "README.md").read_text("utf-8"))
    assert len(shown) == 4  # three diagrams, and how it scales
    assert all((ROOT / path).is_file() for path in shown)
