"""`rx-realtime draw`: text, pictures, and a finger on what cannot be drawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rx_realtime.cli.coloured import coloured
from rx_realtime.diagram import parse
from tests.cli.commands import Command

TEXT = """\
% pair

case  the first behaviour

  s    -a-|    a = 1
  > f()
  run  -a-|    a = 1

case  the second behaviour

  s    -(ab)#
          ^!
  > g()
  run  --b!
"""


@pytest.fixture
def diagram(tmp_path: Path) -> Path:
    path = tmp_path / "pair.marble"
    path.write_text(TEXT.replace("          ^!\n", "       ^--!\n"), "utf-8")
    return path


def test_a_diagram_is_drawn_as_text_that_says_the_same(command: Command, diagram: Path):
    done = command("draw", str(diagram))
    assert done.code == 0
    assert parse(done.out) == parse(diagram.read_text())


@pytest.mark.parametrize("wanted", ["2", "SECOND", "the second behaviour"])
def test_one_case_is_asked_for_by_number_or_by_words(command: Command, diagram: Path, wanted: str):
    done = command("draw", str(diagram), "--case", wanted)
    assert "the second" in done.out
    assert "the first" not in done.out


@pytest.mark.parametrize("wanted", ["3", "0", "behaviour", "fourth"])
def test_a_case_that_is_none_or_many_is_refused_and_they_are_listed(
    command: Command, diagram: Path, wanted: str
):
    done = command("draw", str(diagram), "--case", wanted)
    assert done.code == 64
    assert "  1  the first behaviour\n  2  the second behaviour\n" in done.err


def test_what_cannot_be_read_is_pointed_at(command: Command, tmp_path: Path):
    path = tmp_path / "bad.marble"
    path.write_text("case  x\n  s    -a?\n  > f()\n  run  -a\n")
    done = command("draw", str(path))
    assert done.code == 2
    assert done.out == ""
    assert done.err == f"{path}:2:10: `?` is no marble\n  s    -a?\n         ^\n"


def test_a_picture_is_written_to_a_file(command: Command, diagram: Path, tmp_path: Path):
    out = tmp_path / "deep" / "new.svg"
    done = command("draw", str(diagram), "--svg", str(out))
    assert (done.code, done.out) == (0, "")
    assert out.read_text().startswith("<svg ")


def test_in_a_folder_pictures_are_named_as_their_files_and_cases(
    command: Command, diagram: Path, tmp_path: Path
):
    inner = tmp_path / "inner" / "pair.marble"
    inner.parent.mkdir()
    inner.write_text(diagram.read_text())
    out = tmp_path / "pictures"
    assert command("draw", str(diagram), str(inner), "--svg", str(out)).code == 0
    assert command("draw", str(diagram), "--case", "1", "--svg", str(out)).code == 0
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*.svg")) == [
        "inner/pair.svg",
        "pair-the-first-behaviour.svg",
        "pair.svg",
    ]


def test_two_pictures_do_not_fit_into_one_file(command: Command, diagram: Path, tmp_path: Path):
    done = command("draw", str(diagram), str(diagram), "--svg", str(tmp_path / "x.svg"))
    assert done.code == 64
    assert "name a folder" in done.err


def test_a_picture_may_go_to_standard_output(command: Command, diagram: Path):
    assert command("draw", str(diagram), "--svg", "-").out.endswith("</svg>\n")


def test_what_is_no_text_is_refused(command: Command, tmp_path: Path):
    path = tmp_path / "bad.marble"
    path.write_bytes(b"\xff\xfe")
    assert command("draw", str(path)).code == 64


def test_a_title_cannot_write_on_the_terminal(command: Command, tmp_path: Path):
    path = tmp_path / "bad.marble"
    path.write_text("case  x \x1b[2J\n  > f()\n  run  -a\n")
    assert "\x1b" not in command("draw", str(path)).out


def test_colours_change_no_letter(diagram: Path):
    text = diagram.read_text()
    assert "\x1b[" in coloured(text)
    assert re.sub(r"\x1b\[\d+m", "", coloured(text)) == text
