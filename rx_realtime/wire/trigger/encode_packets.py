"""Values as packets: text and the content type that says how to read it."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, cast

from pydantic_core import from_json, to_json

__all__ = ["JSON", "STORE", "SUPER_JSON", "TEXT", "Packet", "encode_packet", "plain_value"]

JSON: Final = "application/json"
SUPER_JSON: Final = "application/super+json"
TEXT: Final = "text/plain"
#: The text is where in the object store the packet is.
STORE: Final = "application/store"


class Packet(NamedTuple):
    """A value in transit. No text is no value, which is not the same as JSON's null."""

    data: str | None
    type: str = JSON


def encode_packet(value: Any) -> Packet:
    """Return a packet that every client reads; None makes an empty one.

    Raises:
        pydantic_core.PydanticSerializationError: if JSON cannot say it.
    """
    match value:
        case None:
            return Packet(None)
        case str():
            return Packet(value, TEXT)
        case _:
            return Packet(to_json(value).decode())


def plain_value(packet: Packet) -> Any:
    """Return what is in a packet as JSON has it: superjson's dates stay text, its sets lists.

    What cannot be read comes back as the text it is.
    """
    if packet.data is None or packet.type not in (JSON, SUPER_JSON):
        return packet.data
    try:
        value: Any = from_json(packet.data, allow_inf_nan=False)
    except ValueError:
        return packet.data
    if packet.type == SUPER_JSON and isinstance(value, dict):
        return cast(dict[str, Any], value).get("json")
    return value
