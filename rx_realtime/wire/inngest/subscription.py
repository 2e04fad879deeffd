"""The subscription wire: Inngest's realtime connection as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import msgspec
from msgspec import structs
from pydantic import ValidationError

from ...models import (
    Chunk,
    Draining,
    Invalid,
    Message,
    Raw,
    Received,
    StepChanged,
    StreamClosed,
    StreamOpened,
    SubscriptionToken,
    Topic,
    Unrecognised,
    Update,
    explain,
)
from ..base import Opening, Request, Step
from .address import CONNECT_PATH, SSE_PATH, join, websocket_url
from .envelope import (
    KINDS,
    ChunkEnvelope,
    ClosingEnvelope,
    Notice,
    RunEnvelope,
    StepEnvelope,
    StreamEndEnvelope,
    StreamEnvelope,
    decode_envelope,
    kind_of,
)
from .lifecycle import read_run

__all__ = ["InngestWire"]

#: The real server cuts a publish here without a word; what is left is no JSON and comes as text.
TRUNCATED_AT: Final = 512 * 1024
_SHOWN: Final = 200
_RUNS: Final = 8
_STREAMS: Final = 1000
_UNKNOWN: Final[Topic[Any]] = Topic(object)


@dataclass(frozen=True, slots=True)
class InngestWire:
    """One channel, some of its topics, and what has to be remembered between two frames.

    Attributes:
        base_url: the server; a token that names another one wins unless `base_url_wins`.
        channel: the channel's name; None takes the token's.
        topics: the topics' names, each with the `Topic` that types it, where there is one.
        validate: check the data of typed topics; otherwise it passes as it came.
        sse: ask for server-sent events instead of a websocket.
        streams: the text streams that are open now, by their ids: chunks carry nothing else.
        runs: what was said about the run lately: it comes once for each subscribed topic, and
            topics may overtake each other.
        asked: the wire before its first token; each token is completed from there.
    """

    base_url: str
    channel: str | None
    topics: Mapping[str, Topic[Any] | None]
    validate: bool = True
    base_url_wins: bool = False
    sse: bool = False
    streams: Mapping[str, StreamOpened] = field(default_factory=dict[str, StreamOpened])
    runs: tuple[RunEnvelope, ...] = ()
    asked: Self | None = field(default=None, repr=False, compare=False)

    def open(self, token: SubscriptionToken) -> Opening[Self]:
        """Ask for the token's channel and topics, which are ours unless it names its own.

        Open text streams stay known: they go on on the next connection.
        """
        asked = self.asked or self
        token = token.completed(asked.channel, asked.topics)
        topics = {name: asked.topics.get(name) for name in token.topics or ()}
        base = self.base_url if self.base_url_wins else token.api_base_url or self.base_url
        url = join(base, SSE_PATH) if self.sse else websocket_url(join(base, CONNECT_PATH))
        return Opening(
            replace(self, channel=token.channel, topics=topics, asked=asked),
            Request(url, token=token.key, token_parameter="token"),
        )

    def receive(self, got: bytes) -> Step[Self]:
        """Understand one frame."""
        try:
            envelope = decode_envelope(got)
        except (ValueError, RecursionError) as error:
            return Step(self, (_refused(got, error),))
        if type(envelope) is Message:  # nearly every one is
            topic = self.topics.get(envelope.topic, _UNKNOWN)
            if envelope.channel != self.channel or topic is _UNKNOWN:
                return Step(self, (_not_ours(got),))
            if len(got) > TRUNCATED_AT or (topic is not None and self.validate):
                return Step(self, (self._checked(envelope, topic, len(got)),))
            return Step(self, (Received(envelope),))
        return self._notice(envelope, got)

    def _notice(self, envelope: Notice, got: bytes) -> Step[Self]:
        match envelope:
            case ChunkEnvelope():
                return Step(self, (self._chunk(envelope, got),))
            case StreamEnvelope():
                return self._stream(envelope, got)
            case RunEnvelope():
                return self._run(envelope, got)
            case StepEnvelope(data=data, channel=channel, topic=topic, run_id=run_id):
                if channel not in (self.channel, ""):
                    return Step(self, (_not_ours(got),))
                return Step(self, (StepChanged(topic, data, run_id),))
            case ClosingEnvelope():
                return Step(self, (Draining(),))

    def _checked(self, message: Message[Any], topic: Topic[Any] | None, size: int) -> Update:
        if size > TRUNCATED_AT and _is_truncated(message.data):
            why = f"cut off at {TRUNCATED_AT} bytes by the server: the publisher sent more"
            return Invalid(why, message.topic, message.data)
        if topic is None or not self.validate:
            return Received(message)
        return _validated(message, topic)

    def _chunk(self, envelope: ChunkEnvelope, got: bytes) -> Update:
        stream = self.streams.get(envelope.stream_id)
        if stream is None:
            return Unrecognised("a chunk of an unknown stream", _shown(got))
        return Chunk(stream.stream_id, stream.topic, envelope.data)

    def _stream(self, envelope: StreamEnvelope, got: bytes) -> Step[Self]:
        if envelope.channel != self.channel or envelope.topic not in self.topics:
            return Step(self, (_not_ours(got),))
        if not isinstance(envelope, StreamEndEnvelope):
            stream = StreamOpened(
                envelope.data, envelope.channel, envelope.topic, envelope.run_id, envelope.metadata
            )
            # A stream whose end was lost would stay for ever: the oldest make room.
            kept = tuple(self.streams.items())[1 - _STREAMS :]
            return Step(replace(self, streams=dict(kept) | {stream.stream_id: stream}), (stream,))
        if envelope.data not in self.streams:
            return Step(self, (Unrecognised("the end of an unknown stream", _shown(got)),))
        left = {key: stream for key, stream in self.streams.items() if key != envelope.data}
        return Step(replace(self, streams=left), (StreamClosed(envelope.data, envelope.topic),))

    def _run(self, envelope: RunEnvelope, got: bytes) -> Step[Self]:
        if envelope.channel not in (self.channel, ""):
            return Step(self, (_not_ours(got),))
        said = structs.replace(envelope, topic="")
        if said.created_at is not None and said in self.runs:
            return Step(self, ())
        change = read_run(envelope.data, run_id=envelope.run_id, at=envelope.created_at)
        if change is None:
            return Step(self, (Unrecognised("a run message without an object", _shown(got)),))
        return Step(replace(self, runs=(*self.runs[1 - _RUNS :], said)), (change,))


def _validated(message: Message[Any], topic: Topic[Any]) -> Update:
    data = message.data
    try:
        return Received(structs.replace(message, data=topic.validate(data)))
    except ValidationError as error:
        return Invalid(explain(error), message.topic, data)
    except Exception as error:  # a user's validator may raise anything; only its message goes
        return Invalid(f"its validator raised {type(error).__name__}", message.topic, data)


def _refused(got: bytes, error: Exception) -> Update:
    """Say what a frame is that is no envelope we know."""
    kind = kind_of(got) if isinstance(error, msgspec.ValidationError) else None
    if kind is None:
        return Raw(got)  # some forwarded texts are JSON: a `7` between two words
    if kind not in KINDS:
        return Unrecognised(f"kind {kind!r:.60}", _shown(got))
    return Invalid(f"a malformed envelope: {error}", data=_shown(got))


def _not_ours(got: bytes) -> Unrecognised:
    return Unrecognised("not of this channel and these topics", _shown(got))


def _is_truncated(data: object) -> bool:
    if not isinstance(data, str):
        return False
    # Cut inside a character, each of its bytes that are left (three at most) became a U+FFFD,
    # which has three. A whole JSON string is two bytes shorter: its quotes counted as well.
    return 0 <= len(data.encode()) - TRUNCATED_AT <= 6


def _shown(got: bytes) -> str:
    return got[:_SHOWN].decode("utf-8", "replace")
