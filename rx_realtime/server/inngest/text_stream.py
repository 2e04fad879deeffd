"""A text stream: a beginning, pieces of text, an end."""

from __future__ import annotations

import codecs
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from ...wire.inngest.api import cut
from ...wire.inngest.envelope import encode_chunk, encode_message
from ..outbox import Frame

__all__ = ["TextStream"]


class TextStream:
    """Says its beginning at once, then what is written, then its end.

    Args:
        say: brings a frame to the topic's subscribers.
        plain: say each piece as a `data` message of its own, without a beginning and an end. The
            npm SDK throws on `datastream-start`: this is how its subscribers can have a stream.
    """

    def __init__(
        self,
        say: Callable[[Frame], None],
        *,
        channel: str,
        topic: str,
        env: str,
        run_id: str | None = None,
        metadata: Any = None,
        plain: bool = False,
    ) -> None:
        self.stream_id = secrets.token_hex(6)
        self._say = say
        self._run_id = run_id
        self._plain = plain
        self._about: dict[str, Any] = {
            "channel": channel,
            "topic": topic,
            "env_id": env,
            "run_id": run_id,
            "metadata": metadata,
        }
        # The real server says one time for both ends.
        self._created_at = datetime.now(UTC)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._end_is("datastream-start")

    def write(self, data: bytes) -> None:
        """Say some more; a character whose end is missing waits for the next bytes."""
        self._write(self._decoder.decode(data))

    def close(self) -> None:
        """End, with what is left of a character that was never completed."""
        self._write(self._decoder.decode(b"", final=True))
        self._end_is("datastream-end")

    def _write(self, text: str) -> None:
        for piece in map(bytes.decode, cut(text)):
            if self._plain:
                self._say(Frame(encode_message("data", to_json(piece), **self._about)))
            else:
                self._say(Frame(encode_chunk(self.stream_id, piece, run_id=self._run_id)))

    def _end_is(self, kind: str) -> None:
        if not self._plain:
            name = to_json(self.stream_id)
            frame = encode_message(kind, name, created_at=self._created_at, **self._about)
            self._say(Frame(frame))
