"""What a server of shapes answers, written down in a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr

from rx_realtime.models import SubscriptionToken, Update
from rx_realtime.wire import Response
from rx_realtime.wire.shape import ShapeWire

TOKEN = SubscriptionToken(SecretStr("the-key"))
SCHEMA = {"id": {"type": "text"}, "status": {"type": "text"}, "n": {"type": "int4"}}
UP_TO_DATE = {"headers": {"control": "up-to-date"}}
MUST_REFETCH = {"headers": {"control": "must-refetch"}}


def insert(key: str, **values: Any) -> dict[str, Any]:
    return change("insert", key, {"id": key, "status": "NEW", "n": "0", **values})


def update(key: str, **values: Any) -> dict[str, Any]:
    return change("update", key, {"id": key, **values})


def delete(key: str) -> dict[str, Any]:
    return change("delete", key, {"id": key})


def change(operation: str, key: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": key, "value": value, "headers": {"operation": operation}}


def answer(
    *messages: Any,
    offset: str | None = "1_0",
    handle: str | None = "h1",
    cursor: str | None = "c1",
    schema: Mapping[str, Any] | None = SCHEMA,
    status: int = 200,
    body: bytes | None = None,
    **headers: str,
) -> Response:
    """An answer with every header that may be needed, unless one is None."""
    marks = {
        "content-type": "application/json",
        "electric-offset": offset,
        "electric-handle": handle,
        "electric-cursor": cursor,
        "electric-schema": None if schema is None else json.dumps(schema),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    given = {name: value for name, value in marks.items() if value is not None}
    return Response(status, given, json.dumps(messages).encode() if body is None else body)


def bare(status: int, body: bytes = b"", **headers: str) -> Response:
    """An answer without any of those headers."""
    return Response(status, {n.replace("_", "-"): v for n, v in headers.items()}, body)


def asked(wire: ShapeWire) -> dict[str, str]:
    """The parameters of the next question."""
    url = wire.open(TOKEN).request.url
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def told(wire: ShapeWire, *answers: Response) -> tuple[ShapeWire, list[Update]]:
    """Give the wire some answers; return the wire after them and all that it said."""
    updates = list[Update]()
    for each in answers:
        wire.open(TOKEN)
        wire, more = wire.receive(each)
        updates += more
    return wire, updates
