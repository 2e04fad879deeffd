"""What a failure says: the picture of what was drawn over the picture of what was seen."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from ..diagram import Canvas, DiagramError, Line, Mark
from .performance import Event, Performance, Seen
from .remarks import remarks
from .sameness import is_same

__all__ = ["report"]


def report(performance: Performance) -> str:
    """Say how a performance differs from what is drawn; nothing where it does not."""
    differing = [seen for seen in performance.seen if not _is_as_drawn(seen)]
    pictures = [_picture(seen, performance) for seen in differing]
    said = list(remarks(performance))
    if not pictures and not said:
        return ""
    case = performance.case
    head = f"{case.place}  {case.title}"
    if pictures and said:
        pictures[-1] += "; " + "; ".join(said)
    elif said:
        pictures = ["  " + "; ".join(said)]
    nameless = [e.value for seen in differing for e in seen.events if _letter(e, seen) == "?"]
    notes = dict.fromkeys(f"  ? is {value!r}" for value in nameless)
    return "\n".join([head, *pictures, *notes])


def _is_as_drawn(seen: Seen) -> bool:
    return all(_is_same_event(*pair) for pair in zip_longest(seen.expected, seen.events))


def _picture(seen: Seen, performance: Performance) -> str:
    """Draw both, and put a caret and a sentence where they begin to differ."""
    expected, actual = seen.expected, seen.events
    pairs = zip_longest(expected, actual)
    wanted, got = next(pair for pair in pairs if not _is_same_event(*pair))
    tick = min(event.tick for event in (wanted, got) if event is not None)
    several = f"{seen.line.name} " if len(performance.seen) > 1 else ""
    labels = [f"  {several}expected  ", f"  {several}actual    "]
    sentence = _sentence(wanted, got, seen, performance)
    try:
        canvas, lines = _drawn(seen)
        rows = [label + canvas.line(line) for label, line in zip(labels, lines, strict=True)]
        caret = " " * (len(labels[0]) + canvas.column(int(tick))) + f"^ {sentence}"
        return "\n".join([*rows, caret])
    except DiagramError:  # what happened has no picture: between two ticks, or under a group
        texts = [" ".join(_listed(event, seen) for event in each) for each in (expected, actual)]
        rows = [label + (text or "nothing") for label, text in zip(labels, texts, strict=True)]
        return "\n".join([*rows, f"  {sentence}"])


def _is_same_event(one: Event | None, other: Event | None) -> bool:
    if one is None or other is None:
        return False
    if one.tick != other.tick or one.kind != other.kind:
        return False
    return one.kind == "|" or is_same(one.value, other.value)


def _drawn(seen: Seen) -> tuple[Canvas, tuple[Line, Line]]:
    line = seen.line
    if any(event.tick != int(event.tick) for event in seen.events):
        raise DiagramError("this is between two ticks")
    marks = tuple(Mark(int(event.tick), _letter(event, seen)) for event in seen.events)
    if seen.leaves is not None and not (marks and marks[-1].is_end):
        marks = (*marks, Mark(seen.leaves, "!"))
    until = line.until
    if marks:
        last = sum(mark.tick == marks[-1].tick for mark in marks)
        natural = marks[-1].tick + (last if last == 1 else last + 2)
        until = natural if marks[-1].is_end else max(natural, until)
    actual = Line(line.name, line.begins, until, marks)
    expected = Line(line.name, line.begins, line.until, line.marks)
    return Canvas((expected, actual)), (expected, actual)


def _letter(event: Event, seen: Seen) -> str:
    if event.kind:
        return event.kind
    same = (sign for sign, value in seen.meanings.items() if is_same(value, event.value))
    letter = next((sign for sign in same if sign != "#"), None)
    if letter is None and isinstance(event.value, str) and _is_letter(event.value):
        return event.value if event.value not in seen.meanings else "?"
    return letter or "?"


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.isalpha()


def _listed(event: Event, seen: Seen) -> str:
    return f"{_letter(event, seen)}@{event.tick:g}"


def _sentence(wanted: Event | None, got: Event | None, seen: Seen, performance: Performance) -> str:
    match wanted, got:
        case Event(), Event() if wanted.kind == got.kind and _is_same_value(wanted, got):
            ticks = abs(got.tick - wanted.tick)
            late = "early" if got.tick < wanted.tick else "late"
            return f"{ticks:g} {'tick' if ticks == 1 else 'ticks'} {late}"
        case Event(), Event() if wanted.tick == got.tick:
            return f"{_shown(got)} instead of {_shown(wanted)}"
        case Event(), None if performance.threads or not seen.events:
            return f"nothing arrived by tick {performance.case.until - 1:g}"
        case Event(), Event() if got.tick < wanted.tick:
            return f"{_shown(got)} is not drawn"
        case None, Event():
            return f"{_shown(got)} is not drawn"
        case Event(), _:
            return f"{_shown(wanted)} is missing"
        case _:
            return ""


def _is_same_value(one: Event, other: Event) -> bool:
    return one.kind == "|" or is_same(one.value, other.value)


def _shown(event: Event) -> str:
    match event.kind:
        case "|":
            return "the end"
        case "#":
            return f"the error {event.value!r}"
        case _:
            return _typed(event.value)


def _typed(value: Any) -> str:
    text = repr(value)
    name = type(value).__name__
    return text if text.startswith((name, "'", "[", "(", "{", "<")) else f"{name} {text}"
