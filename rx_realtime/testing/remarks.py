"""What else a performance did: its subscriptions, its threads, and what it left behind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from ..diagram import Line, Window
from .performance import Performance, Subscribed

__all__ = ["remarks"]

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def remarks(performance: Performance) -> Iterator[str]:
    """Say what no result shows: threads, subscriptions at other times, and what was left."""
    if performance.threads:
        names = ", ".join(performance.threads)
        yield f"did an operator forget scheduler=? A real thread or timer began: {names}"
    if performance.raised is not None:
        tick, error = performance.raised
        yield f"{error!r} was raised at tick {tick:g} and told to nobody"
        return  # what did not happen after it is no news
    for name, subscribed in performance.subscribed.items():
        of = f" of {name}" if len(performance.subscribed) > 1 else ""
        lines = [line for line in performance.case.lines if line.name == name]
        windows = _windows(lines)
        if windows is not None:
            yield from _unlike(windows, subscribed, of, performance.over)
        if name in performance.left:
            yield f"a subscription{of} was left behind"
    for due in performance.pending:
        yield f"a timer for tick {due:g} was left behind"


#: A window whose end is not drawn: it must not last longer than its subscribers.
_Expected = tuple[int, int | None, bool]


def _windows(lines: list[Line]) -> list[_Expected] | None:
    """Return when each subscription begins and ends, and whether that end is drawn."""
    if lines[0].is_hot:
        windows = [(each.opens, each.closes, True) for each in lines[0].windows]
        return windows or None
    return [_window(line.windows, line) for line in lines]


def _window(windows: tuple[Window, ...], line: Line) -> _Expected:
    return (line.begins, windows[0].closes, True) if windows else (line.begins, None, False)


def _unlike(
    windows: list[_Expected], subscribed: tuple[Subscribed, ...], of: str, over: float | None
) -> Iterator[str]:
    for number, (window, got) in enumerate(zip_longest(windows, subscribed)):
        nth = f"{ORDINALS[number]} subscription" if number < len(ORDINALS) else f"{number + 1}th"
        nth += of
        if window is None:
            yield f"a {nth} at {got.opens:g}, which is not drawn"
            return
        opens, closes, is_drawn = window
        if got is None:
            yield f"no {nth}, drawn at {opens}"
            return
        if got.opens != opens:
            yield f"{nth} at {got.opens:g}, drawn at {opens}"
            return
        if is_drawn and got.closes != closes:
            ended = "did not end" if got.closes is None else f"ended at {got.closes:g}"
            drawn = "go on" if closes is None else f"end at {closes}"
            yield f"{nth} {ended}, drawn to {drawn}"
            return
        if not is_drawn and over is not None and (got.closes is None or got.closes > over):
            yield f"{nth} went on after the end at {over:g}"
            return
