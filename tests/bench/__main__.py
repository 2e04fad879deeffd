"""`python -m tests.bench`: measure, print a line for each figure, and say whether all are good."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from .contestant import sending
from .curves import Panel, panels
from .figure import Figure
from .figures import FIGURES, HEATS
from .plot import draw
from .report import line, summary, write_json
from .rounds import Measured, Run, measured

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        Its exit status: 0 if all figures are as good as they must be, 1 if not.
    """
    asked = _parser().parse_args(arguments)
    if asked.list:
        for figure in FIGURES:
            _say(f"{figure.name:{_width(FIGURES)}}  {figure.says}")
        return 0
    rounds = asked.rounds or (3 if asked.quick else 9)
    scale = asked.scale or (0.1 if asked.quick else 1.0)
    stages = 1 if asked.rounds or asked.quick else 3
    begin = time.monotonic()
    done = asyncio.run(_measure(_wanted(asked.only, set(asked.without)), rounds, scale, stages))
    seconds = time.monotonic() - begin
    if asked.plot:
        drawn = asyncio.run(_curves(min(rounds, 3), scale))
        draw(drawn, asked.plot)
        for why in (why for panel in drawn for why in panel.missing):
            _say(f"not drawn: {why}")
    write_json(asked.json, done, rounds=rounds, scale=scale, seconds=seconds)
    _say(summary(done, seconds, asked.without))
    return 0 if all(each.is_ok for each in done) else 1


def _wanted(only: Collection[str] | None, without: AbstractSet[str]) -> list[list[Figure]]:
    def is_wanted(figure: Figure) -> bool:
        return (not only or figure.name in only) and not figure.needs & without

    return [[figure for figure in heat if is_wanted(figure)] for heat in HEATS]


async def _measure(
    heats: list[list[Figure]], rounds: int, scale: float, stages: int
) -> list[Measured]:
    done = list[Measured]()
    width = _width([figure for heat in heats for figure in heat])
    async with sending() as urls:
        for heat in heats:
            async for each in measured(heat, Run(urls, rounds, scale, stages)):
                _say(line(each, width))
                done.append(each)
    return done


async def _curves(rounds: int, scale: float) -> list[Panel]:
    async with sending() as urls:
        return await panels(Run(urls, rounds, scale))


def _parser() -> argparse.ArgumentParser:
    names = [figure.name for figure in FIGURES]
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--list", action="store_true", help="say what each figure is, and end")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help="these figures")
    parser.add_argument(
        "--without",
        nargs="+",
        choices=["node", "picows", "fast"],
        default=[],
        help="leave out figures that need this; otherwise they are short where it is missing",
    )
    parser.add_argument(
        "--rounds", type=int, help="how often each is measured (9, up to 27 until clear)"
    )
    parser.add_argument("--scale", type=float, help="how much of their size contestants take (1)")
    parser.add_argument("--quick", action="store_true", help="3 rounds of a tenth of the size")
    parser.add_argument("--json", type=Path, default=Path(".bench/figures.json"), metavar="PATH")
    parser.add_argument("--plot", type=Path, metavar="DIR", help="draw how it scales, too")
    return parser


def _width(figures: Sequence[Figure]) -> int:
    return max((len(figure.name) for figure in figures), default=0)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
