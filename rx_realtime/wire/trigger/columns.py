"""The columns of a run row, in the order in which the server sends them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, NamedTuple

__all__ = ["COLUMNS", "RESERVED", "Column", "kept", "parse_skipped"]

_CAPITAL: Final = re.compile("[A-Z]")


@cache
def _in_snake_case(name: str) -> str:
    return _CAPITAL.sub(lambda found: "_" + found[0].lower(), name)


class Column(NamedTuple):
    """A column of the wire.

    Attributes:
        name: as the wire spells it.
        kind: its Postgres type.
        is_list: an array of that type.
        null_when_empty: an empty array is written as null, because the table has no default.
    """

    name: str
    kind: str = "text"
    is_list: bool = False
    null_when_empty: bool = False

    @property
    def attribute(self) -> str:
        """Its name as Python spells it."""
        return _in_snake_case(self.name)


COLUMNS: Final = (
    Column("id"),
    Column("taskIdentifier"),
    Column("createdAt", "timestamp"),
    Column("updatedAt", "timestamp"),
    Column("startedAt", "timestamp"),
    Column("delayUntil", "timestamp"),
    Column("queuedAt", "timestamp"),
    Column("expiredAt", "timestamp"),
    Column("completedAt", "timestamp"),
    Column("friendlyId"),
    Column("number", "int4"),
    Column("isTest", "bool"),
    Column("status"),
    Column("usageDurationMs", "int4"),
    Column("costInCents", "float8"),
    Column("baseCostInCents", "float8"),
    Column("ttl"),
    Column("payload"),
    Column("payloadType"),
    Column("metadata"),
    Column("metadataType"),
    Column("output"),
    Column("outputType"),
    Column("runTags", is_list=True, null_when_empty=True),
    Column("error", "jsonb"),
    Column("realtimeStreams", is_list=True),
)

#: Nobody can leave these out.
RESERVED: Final = frozenset({"id", "taskIdentifier", "friendlyId", "status", "createdAt"})


def parse_skipped(names: Iterable[str]) -> frozenset[str]:
    """Return which columns are left out when somebody asks to skip these."""
    return frozenset(name.strip() for name in names) - RESERVED - {""}


def kept(skipped: frozenset[str]) -> Iterator[Column]:
    """Yield the columns that remain."""
    return (column for column in COLUMNS if column.name not in skipped)
