"""The bench as users run it, with so few messages that its figures say nothing about speed."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.bench.contestant import ROOT, Failed, contestant, npm, sending
from tests.bench.figure import Target, at_least, at_most
from tests.bench.figures import FIGURES
from tests.bench.missing import missing
from tests.bench.readme import filled
from tests.bench.sender.frames import blocks
from tests.bench.sender.orders import DISTINCT

LINE = re.compile(r"(?P<name>\S+) +(?P<value>\S+) +(?P<target>[<>]= \S+) +\S* *(?P<word>ok|short)")
SMALL = ("--scale", "0.01")


class Ran(NamedTuple):
    """What the command said."""

    status: int
    lines: list[str]
    report: dict[str, Any]

    @property
    def rows(self) -> list[dict[str, str]]:
        """The lines of figures, taken apart."""
        return [match.groupdict() for line in self.lines if (match := LINE.match(line))]


def bench(tmp_path: Path, *arguments: str, **environment: str) -> Ran:
    report = tmp_path / "deeper" / "figures.json"
    ended = subprocess.run(
        [sys.executable, "-m", "tests.bench", *SMALL, "--json", report, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not ended.stderr
    return Ran(ended.returncode, ended.stdout.splitlines(), json.loads(report.read_text()))


def test_each_figure_is_one_line_and_the_last_line_sums_them_up(tmp_path):
    names = ["state", "state-of-transport", "messages-of-transport"]
    ran = bench(tmp_path, "--rounds", "1", "--only", *names)
    assert [row["name"] for row in ran.rows] == names
    short = [row["name"] for row in ran.rows if row["word"] == "short"]
    assert len(ran.lines) == len(names) + 1
    assert ran.lines[-1].startswith(f"{3 - len(short)} of 3 figures are ok")
    assert all(name in ran.lines[-1] for name in short)
    assert ran.status == (1 if short else 0)


def test_a_figure_is_the_median_of_what_was_measured_side_by_side(tmp_path):
    ran = bench(tmp_path, "--rounds", "3", "--only", "stream")
    (figure,) = ran.report["figures"]
    took = [
        [result["wall"] / result["count"] for result in figure[who]["results"]]
        for who in ("subject", "peer")
    ]
    ratios = [theirs / ours for ours, theirs in zip(*took, strict=True)]
    assert figure["values"] == pytest.approx(ratios)
    assert len(ratios) == 3
    assert figure["value"] == pytest.approx(statistics.median(ratios))
    assert ran.rows[0]["value"] == f"{figure['value']:.2f}"
    spent = [
        [result["cpu"] / result["count"] for result in figure[who]["results"]]
        for who in ("subject", "peer")
    ]
    ratio = statistics.median(theirs / ours for ours, theirs in zip(*spent, strict=True))
    assert figure["of_processor"] == pytest.approx(ratio)
    assert ran.lines[0].endswith(f"(processor {ratio:.2f})")
    assert figure["ok"] == (figure["value"] >= 0.8) == (ran.rows[0]["word"] == "ok")


@pytest.mark.parametrize(
    "only", [("model",), ("async-for",), ("runs", "subscriber"), ("idle-memory-bare", "import")]
)
def test_every_message_that_was_sent_is_counted(tmp_path, only):
    ran = bench(tmp_path, "--rounds", "1", "--only", *only)
    assert len(ran.rows) == len(only)
    for figure in ran.report["figures"]:
        assert figure["why"] is None
        for who in filter(None, (figure["subject"], figure["peer"])):
            (result,) = who["results"]
            assert result["received"] >= result["count"] > 0


def test_what_is_not_installed_is_short_and_says_so(tmp_path):
    ran = bench(tmp_path, "--only", "npm-hook", PATH="")
    assert ran.rows[0]["value"] == "-"
    assert ran.rows[0]["word"] == "short"
    assert ran.lines[0].endswith("Node is not on the PATH")
    assert ran.status == 1


def test_what_is_left_out_is_not_short(tmp_path):
    ran = bench(tmp_path, "--only", "npm-hook", "--without", "node", PATH="")
    assert (ran.status, ran.rows) == (0, [])
    assert ran.lines[-1].endswith("without node")


async def test_a_contestant_that_fails_says_why():
    async with sending() as urls:
        with pytest.raises(Failed, match="nobody"):
            await contestant("nobody", 100).run(urls)


@pytest.mark.interop
@pytest.mark.parametrize(
    ("program", "options"),
    [
        ("subscribe", {"form": "callback"}),
        ("subscribe", {"form": "iterator"}),
        ("use-realtime", {"history": 10}),
    ],
)
async def test_the_npm_sdk_is_sent_the_same(program, options):
    if why := missing({"node"}):
        assert os.environ.get("RX_REALTIME_REQUIRE_NODE") != "1", why
        pytest.skip(why)
    async with sending() as urls:
        result = await npm(program, DISTINCT + 7, **options).run(urls)
    assert (result["received"], result["last"]) == (DISTINCT + 7, 6)


async def test_our_states_and_a_bare_connection_are_sent_the_same():
    async with sending() as urls:
        results = [await contestant(each, DISTINCT + 7).run(urls) for each in ("state", "bare")]
    assert [(each["received"], each["last"]) for each in results] == [(DISTINCT + 7, 6)] * 2


@pytest.mark.parametrize("options", [{"stalled": 2}, {"channels": 20}])
async def test_a_crowd_in_front_of_the_dev_server_hears_everything(options: dict[str, Any]):
    crowd = contestant("dev_server", 2_000, rate=20_000, connections=20, **options)
    result = await crowd.run({"url": "", "http_url": ""})
    assert result["received"] == result["count"] == 2_000


def test_a_frame_has_about_the_size_of_a_token():
    (block,) = blocks(100)
    assert 200 <= len(block) / 100 <= 260


@pytest.mark.parametrize(
    ("target", "good", "bad"), [(at_least(0.85), 0.85, 0.84), (at_most(1.2, "ms"), 1.2, 1.21)]
)
def test_a_target_is_held_from_one_side(target: Target, good: float, bad: float):
    assert target.holds(good)
    assert not target.holds(bad)


def test_no_two_figures_have_one_name():
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)


def test_the_table_of_the_readme_is_written_from_a_report(tmp_path):
    report = bench(tmp_path, "--rounds", "1", "--only", "state", "npm-hook", PATH="").report
    readme = (ROOT / "README.md").read_text()
    written = filled(readme, report, "scaling.svg")
    (figure,) = [each for each in report["figures"] if each["value"] is not None]
    row = f"| {figure['says']} | {figure['value']:.2f} times | at least 0.85 times |\n"
    assert row in written
    assert written.count("](scaling.svg)") == 1
    assert filled(written, report, "scaling.svg") == written
    before, after = readme.partition("<!--")[0], readme.rpartition("-->")[2]
    assert written.startswith(before)
    assert written.endswith(after)


def test_a_readme_without_a_place_for_figures_is_left_alone():
    with pytest.raises(ValueError, match="no place"):
        filled("# A readme\n", {"figures": []})
