"""The signs of a marble diagram, each at its place."""

from __future__ import annotations

from typing import Final

from .ink import number, safe, tag

__all__ = [
    "arrow",
    "completion",
    "cross",
    "leaving",
    "marble",
    "now",
    "silence",
    "window",
]

RADIUS: Final = 11
_SIZES: Final = {1: "mid", 2: "mid small", 3: "mid tiny"}


def marble(x: float, y: float, text: str, colour: int, meaning: str = "") -> str:
    """Draw a value: `text` inside, `meaning` for who points at it."""
    title = [tag("title", safe(meaning))] if meaning else []
    inside = tag("text", safe(text), class_=_SIZES.get(len(text), "mid"), x=x, y=y + 4.5)
    circle = tag("circle", class_=f"marble c{colour}", cx=x, cy=y, r=RADIUS)
    return tag("g", *title, circle, inside)


def cross(x: float, y: float, meaning: str = "") -> str:
    """Draw an error."""
    title = [tag("title", safe(meaning))] if meaning else []
    return tag("path", *title, class_="cross", d=_path(x - 7, y - 7, "l14 14m0 -14l-14 14"))


def completion(x: float, y: float, half: float) -> str:
    """Draw the end: a bar, so high that it can be seen behind what comes with it."""
    return tag("path", class_="end", d=_path(x, y - half, f"v{number(half * 2)}"))


def leaving(x: float, y: float) -> str:
    """Draw that the subscriber leaves."""
    diamond = tag("path", class_="leaves", d=_path(x, y - 11, "l11 11l-11 11l-11 -11z"))
    return tag(
        "g",
        tag("title", "the subscriber leaves"),
        diamond,
        tag("text", "!", class_="mid", x=x, y=y + 4.5),
    )


def arrow(x: float, y: float) -> str:
    """Draw the head of a line that goes on."""
    return tag("path", class_="tip", d=_path(x, y - 5, "l9 5l-9 5z"))


def now(x: float, y: float) -> str:
    """Draw the tick 0 of a hot line: a triangle that points at it from below."""
    title = tag("title", "tick 0: what is left of it happened before")
    bar = tag("path", class_="line", d=_path(x, y - 8, "v16"))
    return tag("g", title, bar, tag("path", class_="tip", d=_path(x, y + 8, "l5 8h-10z")))


def silence(x: float, y: float, ticks: int) -> str:
    """Draw that much more time passes here than there is space for."""
    strokes = tag("path", class_="line", d=_path(x - 6, y + 7, "l6 -14m6 0l-6 14"))
    gap = tag("path", class_="gap", d=_path(x - 6, y + 7, "l6 -14h6l-6 14z"))
    return tag(
        "g", gap, strokes, tag("text", f"{ticks} ticks", class_="mid small dim", x=x, y=y - 13)
    )


def window(x: float, y: float, end: float, *, leaves: bool) -> str:
    """Draw from when to when a line is subscribed."""
    last = _path(end, y - 5, "v10") if leaves else _path(end - 5, y - 4, "l5 4l-5 4")
    return tag(
        "g",
        tag("title", "subscribed" if leaves else "subscribed to the end"),
        tag("path", class_="window", d=f"{_path(x, y, f'H{number(end)}')}{last}"),
        tag("circle", class_="opens", cx=x, cy=y, r=4),
    )


def _path(x: float, y: float, rest: str) -> str:
    return f"M{number(x)} {number(y)}{rest}"
