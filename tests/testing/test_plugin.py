"""The plugin, seen from a project that knows nothing of ours but that it is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from rx_realtime.testing import FaultProxy

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = ROOT / "examples" / "marbles_project"


def run_pytest(folder: Path, *words: str) -> tuple[int, str]:
    """Run pytest as a user would, in a process of its own that has never seen our tests."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=25,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example, somewhere else."""
    copy = tmp_path / "project"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_the_example_project_passes_and_names_each_case_by_its_title(project: Path):
    code, said = run_pytest(project, "-v")
    assert code == 0, said
    assert "5 passed" in said
    assert "progress.marble::every percentage once, and the end at 100 PASSED" in said
    assert "test_progress.py::test_it_follows_a_run PASSED" in said


def test_a_failure_is_the_picture_and_nothing_else(project: Path):
    path = project / "progress.marble"
    path.write_text(path.read_text("utf-8").replace("percent  -H---(D|)", "percent  -HS--(D|)"))
    (project / "broken.marble").write_text(
        dedent("""\
            case  a wrong wait

              socket  --#
              socket     --a-
              > reconnect(wait=[2])
              run     -----a-

            case  a call of nothing

              socket  --a|
              > nothing()
              run     --a|
            """),
        "utf-8",
    )
    code, said = run_pytest(project, "-q")
    assert code == 1
    assert "3 failed, 4 passed" in said
    assert (
        "progress.marble:14  progress that falls is not shown\n"
        "  expected  -HS--(D|)\n"
        "  actual    -H---(D|)\n"
        "              ^ int 10 is missing\n"
    ) in said
    assert (
        "broken.marble:1  a wrong wait\n"
        "  expected  -----a-\n"
        "  actual    ------a\n"
        "                 ^ 1 tick late; second subscription at 4, drawn at 3\n"
    ) in said
    assert (
        "broken.marble:11:3: `nothing` is neither an operator nor defined by the values module\n"
        "  > nothing()\n"
        "  ^\n"
    ) in said
    assert "Traceback" not in said


def test_what_cannot_be_read_is_pointed_at_and_what_raises_shows_where(tmp_path: Path):
    (tmp_path / "bad.marble").write_text("case  x\n  s  -(ab\n  > f()\n  r  -a\n", "utf-8")
    (tmp_path / "values.py").write_text("1 / 0", "utf-8")
    (tmp_path / "x.marble").write_text(
        "% values: values.py\ncase  y\n  s  -a\n  > shared()\n  r  -a\n", "utf-8"
    )
    code, said = run_pytest(tmp_path, "-q", "--continue-on-collection-errors", "-k", "y")
    assert code == 1
    assert "bad.marble:2:7: this group is not closed\n  s  -(ab\n      ^\n" in said
    assert "ZeroDivisionError" in said
    assert "values.py:1" in said


async def test_the_fixtures_are_a_server_and_a_bad_network_before_it(rx_dev_server, rx_fault_proxy):
    assert rx_dev_server.url.startswith("http://127.0.0.1:")
    assert isinstance(rx_fault_proxy, FaultProxy)
    async with rx_fault_proxy as proxy:
        assert proxy.url != rx_dev_server.url
