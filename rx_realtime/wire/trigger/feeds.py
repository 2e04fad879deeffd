"""The three feeds of runs, as shapes: one run, those with some tags, those of a batch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from ...errors import OptionError
from ..shape import ShapeWire
from .address import Account, segment
from .columns import COLUMNS, RESERVED
from .durations import parse_duration
from .rows import is_older
from .words import RUNS

__all__ = ["batch_feed", "run_feed", "runs_feed", "spell_duration"]

_FORBIDDEN: Final = frozenset('\\",\x7f')
_NAMES: Final = {name for column in COLUMNS for name in (column.name, column.attribute)}
#: Names of the `Run` that differ from those of the columns.
_PUBLIC: Final = {
    "tags": "runTags",
    "finished_at": "completedAt",
    "delayed_until": "delayUntil",
    "duration_ms": "usageDurationMs",
}


def run_feed(
    account: Account, run_id: str, *, skip_columns: Iterable[str] = (), nonce: str = ""
) -> ShapeWire:
    """Return the feed of one run.

    Raises:
        OptionError: if an argument cannot be used.
    """
    path = f"/realtime/v1/runs/{segment(run_id, 'the run id')}"
    return _feed(account, path, {**_skipped(skip_columns)}, nonce)


def runs_feed(
    account: Account,
    *,
    tags: Iterable[str] = (),
    created_at: str | timedelta | None = None,
    skip_columns: Iterable[str] = (),
    nonce: str = "",
) -> ShapeWire:
    """Return the feed of the runs that have all these tags.

    Raises:
        OptionError: if an argument cannot be used.
    """
    params = _skipped(skip_columns)
    if names := [_tag(tag) for tag in tags]:
        params["tags"] = ",".join(names)
    if created_at is not None:
        params["createdAt"] = spell_duration(created_at)
    return _feed(account, "/realtime/v1/runs", params, nonce)


def batch_feed(
    account: Account, batch_id: str, *, skip_columns: Iterable[str] = (), nonce: str = ""
) -> ShapeWire:
    """Return the feed of the runs of a batch.

    Raises:
        OptionError: if an argument cannot be used.
    """
    path = f"/realtime/v1/batches/{segment(batch_id, 'the batch id')}"
    return _feed(account, path, _skipped(skip_columns), nonce)


def spell_duration(duration: str | timedelta) -> str:
    """Return a duration as the server writes it, such as `1h30m`.

    Raises:
        OptionError: if it is none.
    """
    if isinstance(duration, timedelta):
        seconds = int(duration.total_seconds())
        if seconds < 1:
            raise OptionError(f"a window is at least a second long, not {duration}")
        return f"{seconds}s"
    if parse_duration(duration) is None:
        raise OptionError(f"a duration looks like '1h30m', not {duration!r:.200}")
    return duration


def _feed(account: Account, path: str, params: dict[str, str], nonce: str) -> ShapeWire:
    url, headers = account.url(path), account.feed_headers()
    return ShapeWire(url, params, headers, nonce, is_older, RUNS)


def _skipped(columns: Iterable[str]) -> dict[str, str]:
    """Spell columns as the wire does; it is no error to say them as `Run` does."""
    spelled = list[str]()
    for name in [columns] if isinstance(columns, str) else columns:
        wire_name = _PUBLIC.get(name) or _CAMEL.get(name, name)
        if wire_name not in _NAMES:
            raise OptionError(f"there is no column {name!r:.80}")
        if wire_name in RESERVED:
            raise OptionError(f"the column {name!r} cannot be skipped")
        spelled.append(wire_name)
    return {"skipColumns": ",".join(spelled)} if spelled else {}


_CAMEL: Final = {column.attribute: column.name for column in COLUMNS}


def _tag(tag: str) -> str:
    """Check a tag as the server does, and for commas: it takes them for the end of the tag."""
    if not tag or any(c in _FORBIDDEN or ord(c) < 32 for c in tag):
        raise OptionError(
            f"the tag {tag!r:.150} cannot be asked for: a tag has no comma, quote, backslash or "
            "control character"
        )
    return tag
