"""Draws the curves, for pages that are light and pages that are dark."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from .curves import Panel

__all__ = ["draw"]

#: Between black and white, so that it can be read on both; so are the colours of the curves.
_INK: Final = "#7d8590"
_OURS, _PEER = "#2f81f7", "#d9822b"
_STYLE: Final[Mapping[str, Any]] = {
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.titlecolor": _INK,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "svg.fonttype": "none",  # as text, which the page draws in its own letters
    "svg.hashsalt": "rx_realtime",  # or else each drawing would differ from the last
}


def draw(panels: Sequence[Panel], folder: Path) -> list[Path]:
    """Write `scaling.png` and `scaling.svg`, and return where they are.

    Raises:
        ImportError: if matplotlib is not installed; the extra `[bench]` brings it.
    """
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("Agg")
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    with matplotlib.rc_context(_STYLE):
        figure, axes = pyplot.subplots(2, 2, figsize=(9, 6.4), layout="constrained")
        for panel, place in zip(panels, axes.flat, strict=False):
            _panel(place, panel)
        figure.supylabel("microseconds of processor time for a message", color=_INK, fontsize=10)
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / "scaling.png", folder / "scaling.svg"]
        for path in paths:
            stamped = {"Date": None} if path.suffix == ".svg" else {}
            figure.savefig(path, transparent=True, dpi=160, metadata=stamped)
        pyplot.close(figure)
    return paths


def _panel(place: Any, panel: Panel) -> None:
    place.set_title(panel.of)
    highest, lowest = 0.0, float("inf")
    for curve in panel.curves:
        points = sorted(panel.points[curve.name].items())
        if not points:
            continue
        counts, costs = zip(*points, strict=True)
        highest, lowest = max(highest, *costs), min(lowest, *costs)
        place.plot(
            counts,
            costs,
            marker="o",
            markersize=4,
            linewidth=2,
            color=_OURS if curve.is_ours else _PEER,
            label=curve.name,
        )
    place.set_xscale("log")
    if highest > 10 * lowest:
        place.set_yscale("log")
        place.set_ylim(10 ** math.floor(math.log10(lowest)), 10 ** math.ceil(math.log10(highest)))
    else:
        place.set_ylim(bottom=0)
    place.minorticks_off()
    place.xaxis.set_major_formatter(_count)
    place.yaxis.set_major_formatter(_cost)
    place.grid(visible=True, color=_INK, alpha=0.25, linewidth=0.5)
    place.legend(frameon=False, labelcolor=_INK, fontsize=9)


def _count(value: float, _: int) -> str:
    """Return 100, 1k, 1M."""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def _cost(value: float, _: int) -> str:
    return f"{value:g}"
