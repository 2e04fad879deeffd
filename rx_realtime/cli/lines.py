"""What happened, in one line: for people who read a log, and for programs that read JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .clean import clean, json_text
from .said import Said, time_text

__all__ = ["json_line", "line"]


def json_line(said: Said, at: datetime, of: str | None = None) -> str:
    """Return it as one JSON object.

    Args:
        of: whose it is, where there are others, too.
    """
    whose = {} if of is None else {"of": of}
    return json_text({"at": time_text(at), **whose, **said})


def line(said: Said, at: datetime, of: str | None = None) -> str:
    """Return it as a line to read: messages with their topic, all else behind a star."""
    whose = "" if of is None else f"{clean(of)} "
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03} {whose}{_words(said, of)}"


def _words(said: Said, of: str | None) -> str:
    match said:
        case {"kind": "message", "topic": topic, "data": data}:
            return f"{clean(topic)}: {_value(data)}"
        case {"kind": "chunk", "topic": topic, "data": data}:
            return f"{clean(topic)}> {_value(data)}"
        case {"kind": "connection", "status": status, **more}:
            why = more.get("error", more.get("reason"))
            return f"* connection {status}" + (f": {clean(why)}" if why else "")
        case {"kind": "run", "run_id": run_id, "task": task, "trigger_status": status, **more}:
            who = "" if run_id == of else f"{clean(run_id)} "
            return f"* {who}{clean(task)} {clean(status)}" + _standing(more)
        case {"kind": "run", **more}:
            status = more.get("status") or "changed"
            told = more.get("result", more.get("error"))
            return f"* run {status}" + (f": {_value(told)}" if told is not None else "")
        case {"kind": "retrying", "attempt": attempt, "wait": wait}:
            return f"* trying again in {wait:.1f} s (attempt {attempt})"
        case {"kind": "gap", "seconds": seconds}:
            return f"* not listening for {seconds:.1f} s: messages may have been missed"
        case {"kind": "stream-opened" | "stream-closed" as kind, "topic": topic}:
            return f"* {clean(topic)}: the stream " + ("begins" if "open" in kind else "ends")
        case {"kind": "stream-control", "topic": topic, "subtype": subtype}:
            return f"* {clean(topic)}: {clean(subtype)}"
        case {"kind": "stream-failed", "topic": topic, "error": error}:
            return f"* {clean(topic)}: the stream failed: {clean(error)}"
        case {"kind": kind, **rest}:
            told = ", ".join(f"{name} {_value(value)}" for name, value in rest.items())
            return f"* {kind}" + (f": {told}" if told else "")
        case _:
            raise AssertionError(said)


def _standing(more: Said) -> str:
    """Say what a run has come to, or how far it is."""
    told = more.get("result", more.get("error"))
    if told is not None:
        return f": {_value(told)}"
    return f": {more['percent']:.0f} % {clean(more['label'])}" if "percent" in more else ""


def _value(value: Any) -> str:
    return clean(value) if isinstance(value, str) else json_text(value)
