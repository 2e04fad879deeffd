"""Cases as pictures: the classic marble diagram, as SVG that reads in light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .card import MARGIN, TEXT, Card, label_of, wrapped
from .ink import STYLE, number, safe, tag
from .picture import Line, Mark, Sheet

__all__ = ["svg"]

_LEAST: Final = 480
_SIGNS: Final = {"|": "completes", "#": "fails", "!": "is left"}


def svg(sheet: Sheet) -> str:
    """Draw a sheet, its cases below each other. The same sheet gives the same text.

    It needs no font, script or file beside it, and whatever the sheet says is escaped.
    """
    label = max(label_of(case) for case in sheet)
    cards = [Card(sheet, case, label) for case in sheet]
    width = max(_LEAST, *(card.width for card in cards))
    elements: list[str] = []
    y = MARGIN
    if len(cards) > 1:  # one alone needs no heading: its title says what it shows
        for index, text in enumerate(sheet.prose):
            for line in wrapped(text, width) if index else [text]:
                y += TEXT if index else TEXT + 4
                style = "prose" if index else "head"
                elements.append(tag("text", safe(line), class_=style, x=MARGIN, y=y))
        y += MARGIN * bool(elements)
    for index, card in enumerate(cards):
        if index or elements:
            rule = f"M{number(MARGIN)} {number(y)}H{number(width - MARGIN)}"
            elements.append(tag("path", class_="rule", d=rule))
            y += MARGIN / 2
        elements += card.draw(y, width)
        y += card.height(width) + MARGIN
    return _document(sheet, width, y, elements)


def _document(sheet: Sheet, width: float, height: float, elements: list[str]) -> str:
    cases = sheet.cases
    title = cases[0].title if len(cases) == 1 or not sheet.prose else sheet.prose[0]
    wide, high = number(width), number(height)
    size = f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
    border = {"x": 0.5, "y": 0.5, "width": width - 1, "height": height - 1, "rx": 8}
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>',
            tag("title", safe(title)),
            tag("desc", safe(" ".join(_told(sheet)))),
            tag("style", STYLE),
            tag("rect", class_="card", **border),
            *elements,
            "</svg>\n",
        )
    )


def _told(sheet: Sheet) -> Iterator[str]:
    """Tell what the picture shows to who cannot see it."""
    for case in sheet:
        yield f"{case.title}: {case.call.text}."
        for line in (*case.lines, *case.results):
            yield _line(line)


def _line(line: Line) -> str:
    said = [_mark(mark) for mark in line.marks] or ["silence"]
    since = f" from tick {line.begins}" if line.begins else ""
    return f"{line.name}{since}: {', '.join(said)}."


def _mark(mark: Mark) -> str:
    return f"{_SIGNS.get(mark.sign, mark.sign)} at {mark.tick}"
