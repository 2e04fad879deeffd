"""Packets back to Python values: JSON, superjson, text, and what is kept elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from ...models.run import Stored
from ..json_text import decode_json
from .encode_packets import JSON, STORE, SUPER_JSON, Packet
from .superjson import revive

__all__ = ["JSON", "STORE", "SUPER_JSON", "Packet", "decode_packet"]

_PARAMETER: Final = ";"


def decode_packet(packet: Packet, field: str = "payload") -> Any:
    """Return the value of a packet; None where there is none.

    What does not read as its type is the text it is: it was sent, and somebody may understand it.

    Args:
        packet: text and its content type.
        field: what it is of, for a value that has to be fetched.
    """
    if packet.data is None:
        return None
    if packet.type == JSON:  # as it nearly always is
        return _json(packet.data)
    match packet.type.partition(_PARAMETER)[0].strip():
        case "application/store":
            return Stored(packet.data, field)
        case "application/json":
            return _json(packet.data)
        case "application/super+json":
            return _superjson(_json(packet.data))
        case _:
            return packet.data


def _superjson(said: Any) -> Any:
    if not isinstance(said, Mapping) or "json" not in said:
        return cast(Any, said)
    fields = cast(Mapping[str, Any], said)
    return revive(fields["json"], fields.get("meta"))


def _json(text: str) -> Any:
    if not text:
        return None
    try:
        return decode_json(text)
    except (ValueError, RecursionError):
        return text
