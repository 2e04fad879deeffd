"""Inngest's envelopes: what stands in one frame, both ways.

The decode side is one union of structs, told apart by `kind`, straight from the frame's bytes.
The encode side writes what the real server writes, key for key, for the embedded server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, get_args, get_origin

from msgspec import Raw, Struct
from msgspec.json import Decoder, encode

from ...models import Message
from ...models.reticent import Reticent

__all__ = [
    "ChunkEnvelope",
    "ClosingEnvelope",
    "Command",
    "KINDS",
    "Envelope",
    "Notice",
    "RunEnvelope",
    "StepEnvelope",
    "StreamEndEnvelope",
    "StreamEnvelope",
    "Subscribe",
    "TopicKey",
    "Unsubscribe",
    "decode_command",
    "decode_envelope",
    "encode_chunk",
    "encode_closing",
    "encode_message",
    "encode_subscribe",
    "encode_topic",
    "encode_unsubscribe",
    "kind_of",
]


# ── server to client ──────────────────────────────────────────────────────────────────────────


class _Envelope(Struct, frozen=True, tag_field="kind"):
    """What is told apart by its `kind`."""


class StreamEnvelope(_Envelope, frozen=True, tag="datastream-start"):
    """A text stream begins; `data` is its id."""

    data: str
    channel: str = ""
    topic: str = ""
    created_at: datetime | None = None
    run_id: str | None = None
    metadata: Any = None


class StreamEndEnvelope(StreamEnvelope, frozen=True, tag="datastream-end"):
    """A text stream ends; `data` is its id."""


class ChunkEnvelope(_Envelope, frozen=True, tag="chunk"):
    """A piece of a text stream. It names neither channel nor topic: its stream does."""

    stream_id: str
    data: Any = ""
    run_id: str | None = None


class RunEnvelope(_Envelope, frozen=True, tag="run"):
    """Something about the run. The open-source server never sends one."""

    data: Any = None
    channel: str = ""
    topic: str = ""
    created_at: datetime | None = None
    run_id: str | None = None


class StepEnvelope(_Envelope, frozen=True, tag="step"):
    """Something about a step of the run."""

    data: Any = None
    channel: str = ""
    topic: str = ""
    run_id: str | None = None


class ClosingEnvelope(_Envelope, frozen=True, tag="closing"):
    """The server will close this connection soon, and goes on delivering until then."""


#: What a frame may hold that is no message.
Notice = (
    StreamEnvelope
    | StreamEndEnvelope
    | ChunkEnvelope
    | RunEnvelope
    | StepEnvelope
    | ClosingEnvelope
)
Envelope = Message[Any] | Notice

_ENVELOPE: Decoder[Envelope] = Decoder(Envelope)

#: Decode one frame, bytes or text. Raises a ValueError (msgspec.ValidationError and others) or a
#: RecursionError if it is no envelope that we know; what that says holds nothing of the frame.
decode_envelope = _ENVELOPE.decode


class _Kind(Struct):
    kind: Any


_KIND: Decoder[_Kind] = Decoder(_Kind)


def kind_of(frame: bytes) -> str | None:
    """Return the kind of a frame that may be no envelope we know; None if it is none at all."""
    try:
        return str(_KIND.decode(frame).kind)
    except (ValueError, RecursionError):
        return None


#: The kinds of envelopes that we know.
KINDS = frozenset(
    str((get_origin(each) or each).__struct_config__.tag) for each in get_args(Envelope)
)


def encode_message(
    kind: str,
    data: bytes,
    *,
    channel: str = "",
    topic: str = "",
    created_at: datetime | None = None,
    env_id: str | None = None,
    run_id: str | None = None,
    fn_id: str | None = None,
    fn_slug: str | None = None,
    metadata: Any = None,
) -> bytes:
    """Encode an envelope of any kind but `chunk`, from `data` that is JSON already.

    Optional fields are left out and never null: the npm SDK drops a frame that has a null.
    `created_at` is now, unless given.
    """
    fields = {
        "kind": kind,
        "data": Raw(data),
        "metadata": metadata,
        "created_at": _timestamp(created_at or datetime.now(UTC)),
        "channel": channel or None,
        "env_id": env_id,
        "topic": topic,
        "fn_id": fn_id,
        "fn_slug": fn_slug,
        "run_id": run_id,
    }
    return encode({key: value for key, value in fields.items() if value is not None})


def encode_chunk(stream_id: str, text: str, *, run_id: str | None = None) -> bytes:
    """Encode a piece of a text stream."""
    chunk = {"kind": "chunk", "stream_id": stream_id, "data": text}
    return encode(chunk if run_id is None else chunk | {"run_id": run_id})


def encode_closing(created_at: datetime | None = None) -> bytes:
    """Encode the notice that the server will close soon."""
    return encode_message("closing", b'""', created_at=created_at)


# ── client to server ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class TopicKey:
    """A topic as tokens and commands name it. `env_id` None stands for the connection's own."""

    channel: str = ""
    name: str = ""
    kind: str = "run"
    env_id: str | None = None
    run_id: str | None = None


class Subscribe(Reticent, frozen=True, tag_field="kind", tag="sub"):
    """Listen to more: the topics of another token."""

    data: str

    _unshown: ClassVar = ("data",)


class Unsubscribe(Struct, frozen=True, tag_field="kind", tag="unsub"):
    """Listen to these topics no longer."""

    data: tuple[TopicKey, ...]


Command = Subscribe | Unsubscribe

_COMMAND: Decoder[Command] = Decoder(Command)


def decode_command(frame: bytes | str) -> Command | None:
    """Decode what a client says on its connection; None for anything else, as the real server."""
    try:
        return _COMMAND.decode(frame)
    except (ValueError, RecursionError):
        return None


def encode_subscribe(jwt: str) -> str:
    """Encode the wish to listen to the topics of another token."""
    return encode({"kind": "sub", "data": jwt}).decode()


def encode_unsubscribe(topics: Iterable[TopicKey]) -> str:
    """Encode the wish to listen to some topics no longer."""
    named = [encode_topic(topic) for topic in topics]
    return encode({"kind": "unsub", "data": named}).decode()


def encode_topic(topic: TopicKey) -> Mapping[str, str]:
    """Return a topic as tokens and commands carry it, without what is not known."""
    fields = {
        "kind": topic.kind,
        "channel": topic.channel,
        "name": topic.name,
        "env_id": topic.env_id,
        "run_id": topic.run_id,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _timestamp(at: datetime) -> str:
    """Return RFC 3339 with trailing zeros trimmed, as Go prints it."""
    text = at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00")
    return text.rstrip("0").rstrip(".") + "Z"
