"""The parts of the screen: each a pure function of the view.

Only the terminal's own sixteen colours are used, and none without a word beside it, so that it
reads on a light background and without colours, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..models import ConnectionStatus, Message, RunStatus
from .clean import clean, json_text, plain_data
from .seen import Note, fields_of
from .view import Progress, View

__all__ = [
    "RUN_MARKS",
    "bar",
    "connection",
    "headline",
    "log_line",
    "note_line",
    "place",
    "result_text",
    "sides",
    "statuses",
]

_CONNECTION: Final = {
    ConnectionStatus.IDLE: "dim",
    ConnectionStatus.CONNECTING: "yellow",
    ConnectionStatus.OPEN: "green",
    ConnectionStatus.PAUSED: "dim",
    ConnectionStatus.CLOSED: "yellow",
    ConnectionStatus.ERROR: "red",
}
#: How a run stands: a mark, and a colour.
RUN_MARKS: Final = {
    RunStatus.UNKNOWN: ("○", "dim"),
    RunStatus.RUNNING: ("▶", "cyan"),
    RunStatus.COMPLETED: ("✓", "green"),
    RunStatus.FAILED: ("✗", "red"),
    RunStatus.CANCELLED: ("■", "magenta"),
}
_SPINNER: Final = "◐◓◑◒"
_BARS: Final = " ▁▂▃▄▅▆▇█"
_WIDE: Final = 72
_SPARK: Final = 12


def headline(view: View) -> Table:
    """Show what is watched, and for how long."""
    minutes, seconds = divmod(view.now, 60)
    clock = f"{int(minutes):02}:{seconds:04.1f}"
    return sides(Text(clean(view.title), "bold"), Text(clock, "dim"))


def place(view: View) -> Text:
    """Show where it is watched."""
    return _line(Text(clean(view.place), "dim"))


def statuses(view: View, width: int) -> list[Table]:
    """Show the connection, the run, and how many messages come: in one row, or in two."""
    link, run, count, beat = connection(view), _run(view), _count(view), _beat(view)
    if width >= _WIDE:
        return [sides(link + Text("    ") + run, count + beat[-_SPARK:])]
    return [sides(link, run), sides(beat, count)]


def connection(view: View) -> Text:
    """Show the connection."""
    status = view.state.connection_status
    mark, style = "●", _CONNECTION[status]
    if view.is_over:
        mark, style = "○", "dim" if status is ConnectionStatus.CLOSED else style
    elif view.is_waiting:
        mark = _SPINNER[int(view.now * 8) % len(_SPINNER)]
    return Text.assemble((f"{mark} ", style), "connection ", (status.value, f"bold {style}"))


def _run(view: View) -> Text:
    status = view.state.run_status
    mark, style = RUN_MARKS[status]
    return Text.assemble((f"{mark} ", style), "run ", (status.value, f"bold {style}"))


def _count(view: View) -> Text:
    count = view.seen.count
    what = "message" if view.seen.run is None else "change"
    text = Text(f"{count} {what}{'s' * (count != 1)}")
    if not view.is_over:
        text.append(f"  {view.seen.beat.at(view.now).rate:.0f}/s ", "bold")
    return text


def _beat(view: View) -> Text:
    """Show how many came of late, as bars; the quarter of a second that goes on is left out."""
    counts = view.seen.beat.at(view.now).counts[:-1]
    if view.is_over or not counts:
        return Text()
    top, steps = max(*counts, 1), len(_BARS) - 1
    return Text("".join(_BARS[-(-count * steps // top)] for count in counts), "cyan")


def bar(progress: Progress) -> list[Table]:
    """Show how far it is."""
    label = Text(clean(progress.label))
    done = ProgressBar(
        total=100,
        completed=progress.percent,
        style="dim",
        complete_style="cyan",
        finished_style="green",
    )
    table = Table.grid(expand=True, padding=(0, 1, 0, 0))
    table.add_column(ratio=1)
    table.add_column(justify="right", width=5)
    table.add_row(done, Text(f"{progress.percent:.0f} %", "bold"))
    return [sides(label, Text()), table]


def note_line(note: Note) -> Text:
    """Show a note: good news, or what to worry about."""
    mark, style = ("✓ ", "green") if note.is_good else ("! ", "yellow")
    return _line(Text.assemble((mark, style), (clean(note.text), style)))


def log_line(message: Message[Any]) -> Text:
    """Show a message in one line."""
    at = "" if message.created_at is None else f"{message.created_at.astimezone():%H:%M:%S} "
    fields = fields_of(message.data)
    text = Text.assemble((at, "dim"), (clean(message.topic), "bold"), "  ")
    if not fields:
        return _line(text.append(_value(message.data)))
    for name, value in fields.items():
        text.append(f"{clean(str(name))} ", "dim").append(f"{_value(value)}  ")
    return _line(text)


def result_text(result: Any) -> Text:
    """Show a result: its fields one below the other, or JSON."""
    data = plain_data(result)
    fields = fields_of(data)
    if fields and not any(map(_is_deep, fields.values())):
        return Text("\n").join(_pairs(fields.items()))
    if isinstance(data, str):
        return Text(clean(data, lines=True))
    return Text(clean(json.dumps(data, indent=2, ensure_ascii=False), lines=True))


def _pairs(items: Iterable[tuple[Any, Any]]) -> list[Text]:
    shown = [(clean(str(name)), _value(value)) for name, value in items]
    width = min(max(len(name) for name, _ in shown), 20)
    return [Text.assemble((f"{name:<{width}}  ", "dim"), value) for name, value in shown]


def _is_deep(value: Any) -> bool:
    return isinstance(value, dict | list) and len(json_text(value)) > 60


def _value(value: Any) -> str:
    return clean(value) if isinstance(value, str) else json_text(value)


def _line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def sides(left: Text, right: Text) -> Table:
    """Show one text at the left, and one at the right."""
    table = Table.grid(expand=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column(justify="right", no_wrap=True)
    table.add_row(left, right)
    return table
