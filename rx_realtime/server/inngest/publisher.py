"""Publishing: what is said on a topic, about a run, and to a channel."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from ...errors import PayloadError
from ...wire.inngest.answers import function_uuid
from ...wire.inngest.claims import TopicAddress, address_of
from ...wire.inngest.envelope import TopicKey, encode_message
from ..outbox import Frame
from .hub import Hub
from .text_stream import TextStream

__all__ = ["Published", "Publisher", "as_json"]

_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Published:
    """A message that was published, for tests to look at. `body` is its data as JSON."""

    channel: str
    topic: str
    body: bytes
    run_id: str | None = None

    @property
    def data(self) -> Any:
        """The data."""
        return json.loads(self.body)


class Publisher:
    """Puts what is said into envelopes, for all who listen.

    Attributes:
        log: the latest messages; pieces of text streams and raw bytes are not among them.
    """

    def __init__(self, hub: Hub, *, env: str, plain_streams: bool) -> None:
        self._hub = hub
        self._env = env
        self._plain_streams = plain_streams
        self.log: deque[Published] = deque(maxlen=_REMEMBERED)

    def say(
        self,
        channel: str,
        topic: str,
        body: bytes,
        *,
        run_id: str | None = None,
        metadata: Any = None,
    ) -> None:
        """Publish one message; `body` is JSON."""
        self.log.append(Published(channel, topic, body, run_id))
        envelope = encode_message(
            "data",
            body,
            channel=channel,
            topic=topic,
            env_id=self._env,
            run_id=run_id,
            metadata=metadata,
        )
        self._hub.publish(self._address(channel, topic), Frame(envelope))

    def stream(
        self,
        channel: str,
        topic: str,
        *,
        run_id: str | None = None,
        metadata: Any = None,
    ) -> TextStream:
        """Begin a text stream."""
        address = self._address(channel, topic)
        return TextStream(
            lambda frame: self._hub.publish(address, frame),
            channel=channel,
            topic=topic,
            env=self._env,
            run_id=run_id,
            metadata=metadata,
            plain=self._plain_streams,
        )

    def tell(self, kind: str, channel: str, data: Any, *, run_id: str, function: str) -> None:
        """Tell everyone on the channel, whatever their topics, something about a run.

        The vendor's dormant code tells only those who listen to `$run`, which its hook never asks
        for; the hook itself looks at nothing but the channel.
        """
        envelope = encode_message(
            kind,
            as_json(data),
            channel=channel,
            topic=f"${kind}",
            env_id=self._env,
            fn_id=function_uuid(function),
            fn_slug=function,
            run_id=run_id,
        )
        self._hub.publish_to_channel(self._env, channel, Frame(envelope))

    def forward(self, channel: str, topic: str, data: bytes) -> None:
        """Publish bytes that are no envelope."""
        self._hub.publish(self._address(channel, topic), Frame(data, raw=True))

    def _address(self, channel: str, topic: str) -> TopicAddress:
        return address_of(TopicKey(channel, topic), self._env)


def as_json(value: Any) -> bytes:
    """Return any value as JSON, models and dataclasses included; no number stands for NaN.

    Raises:
        PayloadError: if JSON cannot say it.
    """
    try:
        return to_json(value, inf_nan_mode="null")
    except (PydanticSerializationError, UnicodeEncodeError) as error:
        raise PayloadError(f"the payload cannot be said in JSON: {error}") from None
