"""`rx-realtime draw`: diagrams as tidy text, and as pictures."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..diagram import Sheet, draw, svg
from .clean import clean
from .coloured import coloured
from .options import debug_option
from .sheets import of_case, read_sheet, refusals, slug

__all__ = ["draw_diagrams", "write_picture"]


@click.command("draw", epilog="Exit code 2: a diagram cannot be read; it is shown where and why.")
@click.argument(
    "files",
    metavar="FILE…",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
@click.option(
    "--svg",
    "out",
    metavar="OUT",
    type=click.Path(path_type=Path),
    help="Write a picture: to this file, to a folder, or with - to standard output.",
)
@click.option("--text", "as_text", is_flag=True, help="Write the text as well as the picture.")
@click.option(
    "--case", "wanted", metavar="CASE", help="One case: its number, or part of its title."
)
@debug_option
def draw_diagrams(
    files: tuple[Path, ...], out: Path | None, wanted: str | None, *, as_text: bool
) -> None:
    """Draw the marble diagrams of FILE…: as text, each where its ticks are, or as SVG.

    Pictures are readable on light and on dark. In a folder each has the name of its file, and of
    its case where one was asked for.
    """
    with refusals():
        sheets = [(path, of_case(read_sheet(path), wanted)) for path in files]
        if out is None or as_text:
            texts = [coloured(clean(draw(sheet), lines=True)) for _, sheet in sheets]
            # click itself leaves colours out where no terminal is.
            colour = False if os.environ.get("NO_COLOR") else None
            click.echo("\n".join(texts), nl=False, color=colour)
    if out is None:
        return
    for path, pictures in _placed(out, sheets, wanted).items():
        if len(pictures) > 1:
            raise click.UsageError(f"{len(pictures)} pictures would be {path}: name a folder")
        write_picture(path, svg(pictures[0]))


def _placed(
    out: Path, sheets: list[tuple[Path, Sheet]], wanted: str | None
) -> dict[Path, list[Sheet]]:
    """Return what is to be written where."""
    is_folder = out.is_dir() or not (out.suffix or str(out) == "-")
    # Files of two folders may have one name: what they have in common is left out, not more.
    common = Path(os.path.commonpath([path.absolute().parent for path, _ in sheets]))
    placed: dict[Path, list[Sheet]] = {}
    for path, sheet in sheets:
        title = "" if wanted is None else f"-{slug(sheet.cases[0].title)}"
        below = path.absolute().parent.relative_to(common)
        place = out / below / f"{_stem(path)}{title}.svg" if is_folder else out
        placed.setdefault(place, []).append(sheet)
    return placed


def _stem(path: Path) -> str:
    return "diagram" if str(path) == "-" else path.stem


def write_picture(path: Path, picture: str) -> None:
    """Write a picture; `-` is standard output.

    Raises:
        UsageError: if it cannot be written there.
    """
    if str(path) == "-":
        click.echo(picture, nl=False)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # As bytes: line ends are the same everywhere.
        path.write_bytes(picture.encode())
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from error
