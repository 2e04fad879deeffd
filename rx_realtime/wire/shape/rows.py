"""The rows of a shape: what subscribers know, and what is being put together for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from msgspec import Struct, field

from ...models import ABSENT, CaughtUp, Invalid, Restarted, RowChanged, RowDeleted, Update
from ...models.table import Table
from .columns import Schema
from .messages import Change, Operation
from .row import Row, by_name, decode_row

__all__ = ["IsOlder", "Rows", "Taken", "Words"]

#: Whether the first row is from before the second, so that it must not replace it.
IsOlder: TypeAlias = Callable[[Row, Row], bool]


def _changed(key: str, row: Row) -> Update:
    return RowChanged(key, row.columns)


def _deleted(key: str, row: Row) -> Update:
    return RowDeleted(key, row.columns)


class Words(NamedTuple):
    """How it is said what became of a row: its key and what it is, or was, as an update."""

    changed: Callable[[str, Row], Update] = _changed
    deleted: Callable[[str, Row], Update] = _deleted


class Taken(NamedTuple):
    """The rows after something was done to them, and what there is to say about it."""

    rows: Rows
    updates: tuple[Update, ...]


class Rows(Struct, frozen=True):
    """The rows, before and after the changes that are still being collected.

    Changes are collected until the server says that they are all of them, so that nobody sees one
    half of a transaction. A log that begins anew is compared with what was known: only what
    differs is said, and what is not in it is gone.

    Attributes:
        published: what subscribers know.
        draft: the rows touched since, in the order of the first touch; None is deleted.
        anew: the draft is not on top of what is known, but instead of it.
        caught_up: everything was published at least once since the log began.
    """

    published: Table[str, Row] = field(default_factory=Table[str, Row])
    draft: Mapping[str, Row | None] = field(default_factory=dict[str, "Row | None"])
    anew: bool = True
    caught_up: bool = False

    def take(self, changes: tuple[Change, ...], schema: Schema, is_older: IsOlder | None) -> Taken:
        """Collect some changes. What is wrong with one of them is said, and costs only itself."""
        if not changes:
            return Taken(self, ())
        draft, updates = dict(self.draft), list[Update]()
        get, anew = self.published.get, self.anew
        for change in changes:
            key, operation, values = change.key, change.operation, change.values
            if operation is _DELETE:
                draft[key] = None
                continue
            known = get(key)
            base = draft.get(key, None if anew else known)
            is_update = operation is _UPDATE
            row, odd = decode_row(values, schema, base if is_update else None)
            if odd:
                said = by_name(values, schema)
                updates.append(Invalid(f"columns of another type: {', '.join(odd)}", data=said))
            if is_update and base is None and not row.is_whole:
                updates.append(Invalid("an update of a row that never came", data=row.columns))
                continue
            latest = known if base is None else base
            stays = latest is not None and is_older is not None and is_older(row, latest)
            draft[key] = latest if stays else row
        return Taken(Rows(self.published, draft, anew, self.caught_up), tuple(updates))

    def publish(self, words: Words) -> Taken:
        """Say what has changed, row by row, and that this is all."""
        updates, changes = list[Update](), dict[str, Any]()
        get, size, changed = self.published.get, len(self.published), words.changed
        for key, row in self.draft.items():
            known = get(key)
            if row is None:
                if known is not None:
                    changes[key] = ABSENT
                    size -= 1
                    updates.append(words.deleted(key, known))
            elif known is None or row.differs(known):
                changes[key] = row
                size += known is None
                updates.append(changed(key, row))
        if self.anew:
            for key, known in self.published.items():
                if key not in self.draft:
                    changes[key] = ABSENT
                    size -= 1
                    updates.append(words.deleted(key, known))
        published = self.published.changed(changes, size=size)
        if updates or not self.caught_up:
            updates.append(CaughtUp(size))
        return Taken(Rows(published, {}, anew=False, caught_up=True), tuple(updates))

    def restart(self) -> Taken:
        """Begin anew. What is known stays known until the new log is complete."""
        return Taken(Rows(self.published, {}, anew=True), (Restarted(),))


#: Looking into an enum takes as long as a call.
_DELETE: Final = Operation.DELETE
_UPDATE: Final = Operation.UPDATE
