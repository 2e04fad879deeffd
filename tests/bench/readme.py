"""Writes the README's table of figures and its picture, so that nobody types one by hand.

python -m tests.bench.readme .bench/figures.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from .contestant import ROOT

__all__ = ["filled", "table"]

_BEGIN: Final = "<!-- figures of make bench -->\n"
_END: Final = "<!-- end of the figures -->\n"
_PICTURE: Final = "tests/bench/pictures/scaling.svg"
_CAPTION: Final = "What a message costs with more and more history, subscribers, connections, runs"
#: The rows that a reader of the README wants to see; `make bench` has more.
_SHOWN: Final = (
    "state",
    "state-fast",
    "messages-of-transport",
    "npm-hook",
    "npm-hook-fast",
    "npm-callback-fast",
    "npm-hook-40k",
    "subscriber",
    "idle-memory",
    "stream",
    "runs",
    "import",
)


def table(report: Mapping[str, Any]) -> str:
    """Return some of a report's figures as a table."""
    by_name = {figure["name"]: figure for figure in report["figures"]}
    rows = [_row(by_name[name]) for name in _SHOWN if name in by_name]
    head = ["| what | measured | target |", "|---|---:|---:|"]
    return "".join(f"{row}\n" for row in [*head, *filter(None, rows)])


def filled(readme: str, report: Mapping[str, Any], picture: str | None = None) -> str:
    """Return the README with the table in its place.

    Args:
        readme: as it is.
        report: what was measured.
        picture: where the picture of how it scales is, seen from the README.

    Raises:
        ValueError: if the place is not there.
    """
    before, begin, rest = readme.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError("the README has no place for the figures")
    shown = "" if picture is None else f"![{_CAPTION}]({picture})\n\n"
    return f"{before}{begin}\n{table(report)}\n{shown}{end}{after}"


def _row(figure: Mapping[str, Any]) -> str | None:
    """Return a row; None where it could not be measured."""
    if figure["value"] is None:
        return None
    unit = figure["unit"]
    space = f" {unit}" if unit else " times"
    target = figure["target"].replace(">=", "at least").replace("<=", "at most")
    return f"| {figure['says']} | {figure['value']:.2f}{space} | {target}{space} |"


def main() -> None:
    """Rewrite the README from the report that is named."""
    path = ROOT / "README.md"
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    picture = _PICTURE if (ROOT / _PICTURE).exists() else None
    path.write_text(filled(path.read_text(encoding="utf-8"), report, picture), encoding="utf-8")


if __name__ == "__main__":
    main()
