"""The report: a line for each figure, a last one that sums up, and everything as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from .rounds import Measured

__all__ = ["line", "summary", "write_json"]


def line(measured: Measured, width: int) -> str:
    """Return `name ratio target ok|short`, and then the same ratio in processor time.

    Or, where it could not be measured, why.

    Args:
        measured: the figure.
        width: how long the longest name is.
    """
    figure = measured.figure
    value = "-" if measured.value is None else f"{measured.value:.2f}"
    words = [
        f"{figure.name:{width}}",
        f"{value:>8}",
        f"{figure.target!s:>8}",
        f"{figure.target.unit:3}",
        "ok" if measured.is_ok else "short",
    ]
    if measured.why:
        words.append(measured.why)
    elif (ratio := measured.of_processor) is not None:
        words[-1] = f"{words[-1]:5}"
        words.append(f"(processor {ratio:.2f})")
    return "  ".join(words)


def summary(all_measured: Collection[Measured], seconds: float, without: Iterable[str]) -> str:
    """Return the last line."""
    short = [each.figure.name for each in all_measured if not each.is_ok]
    good = len(all_measured) - len(short)
    words = f"{good} of {len(all_measured)} figures are ok, in {seconds:.0f} s"
    if short:
        words += f"; short: {', '.join(short)}"
    if left_out := ", ".join(without):
        words += f"; without {left_out}"
    return words


def write_json(
    path: Path, all_measured: Iterable[Measured], *, rounds: int, scale: float, seconds: float
) -> None:
    """Write all that was measured."""
    path.parent.mkdir(parents=True, exist_ok=True)
    report = {
        "rounds": rounds,
        "scale": scale,
        "seconds": round(seconds, 1),
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "figures": [_figure(measured) for measured in all_measured],
    }
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _figure(measured: Measured) -> dict[str, Any]:
    figure = measured.figure
    return {
        "name": figure.name,
        "says": figure.says,
        "value": measured.value,
        "of_processor": measured.of_processor,
        "unit": figure.target.unit,
        "target": str(figure.target),
        "ok": measured.is_ok,
        "why": measured.why,
        "values": measured.values,
        "subject": {"name": figure.subject.name, "results": measured.subject},
        "peer": figure.peer and {"name": figure.peer.name, "results": measured.peer},
    }
