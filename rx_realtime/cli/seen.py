"""What a viewer has seen: a fold of updates, beside the one that is the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from typing import Any, Final, Self, cast

from pydantic import BaseModel

from ..models import Message, Run, RunChanged, Update
from ..models.update import (
    Chunk,
    Closed,
    Draining,
    Failed,
    Gap,
    Invalid,
    Opened,
    Received,
    Retrying,
    StreamClosed,
    StreamOpened,
)
from .beat import Beat
from .clean import json_text, plain_data
from .said import failure_of

__all__ = ["Note", "Seen", "Writing", "fields_of", "token_of"]

#: How much of a text is kept for the view: more than any screen shows.
_TEXT: Final = 8000
_WRITINGS: Final = 4
_TOKEN_TOPICS: Final = ("token", "tokens", "delta", "deltas")


@dataclass(frozen=True, slots=True)
class Writing:
    """A text that is being written, as far as it came."""

    topic: str
    text: str = ""
    is_open: bool = True

    def more(self, piece: str) -> Self:
        """Return it with one more piece; of a long text only the end is kept."""
        return replace(self, text=(self.text + piece)[-_TEXT:])


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about the connection, or about what could not be shown.

    Attributes:
        is_good: it is good news.
        is_passing: it is over as soon as a connection opens.
    """

    text: str
    is_good: bool = False
    is_passing: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What passed by, counted and kept short.

    Attributes:
        count: messages, and pieces of text streams; of a run that has none, its changes.
        losses: how often an open connection broke off.
        note: what there is to know right now.
        writings: the latest texts, by stream, or by topic where tokens come as messages.
        failure: why the run failed.
        run: all that is known about it, where the engine tells that.
        echoed: topics whose messages are the chunks of streams, and shown with these.
    """

    count: int = 0
    losses: int = 0
    beat: Beat = field(default_factory=Beat)
    writings: Mapping[str, Writing] = field(default_factory=dict[str, Writing])
    note: Note | None = None
    failure: str | None = None
    run: Run | None = None
    echoed: frozenset[str] = frozenset()

    def after(self, update: Update, now: float) -> Seen:
        """Return what has been seen after one more update.

        Args:
            now: seconds since the viewer came.
        """
        match update:
            case Received(message):
                token = token_of(message)
                seen = self if token is None else self._written(f"topic:{message.topic}", token)
                return _counted(seen, now)
            case StreamOpened(stream_id, _, topic, resumes=resumes):
                seen = self._writing(stream_id, Writing(topic))
                return replace(seen, echoed=seen.echoed | {topic}) if resumes else seen
            case Chunk(stream_id, topic, data):
                piece = data if isinstance(data, str) else f"{json_text(data)}\n"
                return _counted(self._written(stream_id, piece, topic), now)
            case StreamClosed(stream_id) if stream_id in self.writings:
                return self._writing(stream_id, replace(self.writings[stream_id], is_open=False))
            case RunChanged(data=data):
                seen = replace(self, failure=failure_of(update) or self.failure)
                return _counted(replace(seen, run=data), now) if isinstance(data, Run) else seen
            case Closed(error) if error is not None:
                return replace(self, losses=self.losses + 1, note=Note(str(error), is_passing=True))
            case _:
                return replace(self, note=_note(update, self.note))

    @property
    def writing(self) -> Writing | None:
        """The text that began last."""
        return list(self.writings.values())[-1] if self.writings else None

    def _written(self, key: str, piece: str, topic: str | None = None) -> Seen:
        writing = self.writings.get(key) or Writing(topic or key.removeprefix("topic:"))
        return self._writing(key, writing.more(piece))

    def _writing(self, key: str, writing: Writing) -> Seen:
        writings = {**self.writings, key: writing}
        if len(writings) > _WRITINGS:
            del writings[next(iter(writings))]
        return replace(self, writings=writings)


def _counted(seen: Seen, now: float) -> Seen:
    return replace(seen, count=seen.count + 1, beat=seen.beat.hit(now))


def token_of(message: Message[Any]) -> str | None:
    """Return the piece of text that a message is, if it is one: a token of an answer.

    That is text on a topic named `tokens`, and an object with a text named `token` or `delta`.
    """
    if isinstance(message.data, str):
        return message.data if message.topic.lower() in _TOKEN_TOPICS else None
    fields = fields_of(message.data)
    found = (fields.get(name) for name in ("token", "delta"))
    return next((text for text in found if isinstance(text, str)), None)


def fields_of(data: Any) -> Mapping[str, Any]:
    """Return the fields of an object, be it JSON or a model; of anything else, none."""
    if isinstance(data, BaseModel) or is_dataclass(data):
        data = plain_data(data)
    return cast(Mapping[str, Any], data) if isinstance(data, Mapping) else {}


def _note(update: Update, before: Note | None) -> Note | None:
    match update:
        case Failed(error):
            return Note(str(error), is_passing=True)
        case Retrying(_, wait, error):
            return Note(f"{error}; trying again in {wait:.1f} s", is_passing=True)
        case Opened(token_in_url=True):
            return Note("the server took the token only in the URL, where proxies may log it")
        case Opened():
            return None if before is not None and before.is_passing else before
        case Gap(_, since, until):
            away = (until - since).total_seconds()
            return Note(f"back after {away:.1f} s; what had come before is kept", is_good=True)
        case Draining():
            return Note("the server will close soon: moving to another connection")
        case Invalid(why, topic):
            return Note(f"left out{f' on {topic}' if topic else ''}: {why}")
        case _:
            return before
