"""Everything a subscriber may want to know, as one frozen value, and the fold that makes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar, assert_never, overload

from msgspec import Struct, field
from msgspec.structs import replace

from .channel import Topic, topic_name
from .history import History
from .message import Message
from .status import ConnectionStatus, PauseReason, RunStatus
from .update import (
    ABSENT,
    CaughtUp,
    Chunk,
    Closed,
    Connecting,
    Delivered,
    Draining,
    Failed,
    Gap,
    Idle,
    Invalid,
    Limited,
    Opened,
    Paused,
    Raw,
    Received,
    Reset,
    Restarted,
    Retrying,
    RowChanged,
    RowDeleted,
    RunChanged,
    StepChanged,
    StreamClosed,
    StreamControl,
    StreamFailed,
    StreamOpened,
    Unrecognised,
    Update,
)

__all__ = ["ByTopic", "Messages", "RealtimeState", "receive", "reduce_state"]

T = TypeVar("T")
R = TypeVar("R")
V = TypeVar("V", "Messages", "RealtimeState[Any]")


class ByTopic(Mapping[Any, Message[Any]]):
    """The last message of each topic, asked by topic or by its name.

    It iterates over names. Asked by a `Topic`, it answers with that topic's type.
    """

    __slots__ = ("_last",)

    def __init__(self, last: Mapping[str, Message[Any]] | None = None) -> None:
        self._last: Mapping[str, Message[Any]] = {} if last is None else last

    def updated(self, message: Message[Any]) -> ByTopic:
        """Return the same with one more message."""
        return ByTopic({**self._last, message.topic: message})

    @overload
    def __getitem__(self, topic: Topic[T], /) -> Message[T]: ...
    @overload
    def __getitem__(self, topic: str, /) -> Message[Any]: ...
    def __getitem__(self, topic: Topic[Any] | str, /) -> Message[Any]:
        return self._last[topic_name(topic)]

    @overload
    def get(self, topic: Topic[T], default: None = None, /) -> Message[T] | None: ...
    @overload
    def get(self, topic: Topic[Any] | str, default: Any = None, /) -> Any: ...
    # A mapping that answers a typed key with its type says more than `Mapping.get` can declare.
    def get(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, topic: Topic[Any] | str, default: Any = None, /
    ) -> Any:
        """Return the topic's last message, or `default` while there is none."""
        return self._last.get(topic_name(topic), default)

    def __contains__(self, topic: object) -> bool:
        return (topic.name if isinstance(topic, Topic) else topic) in self._last

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def __repr__(self) -> str:
        return f"ByTopic({dict(self._last)!r})"


class Messages(Struct, frozen=True, gc=False):
    """The four views of the messages.

    Attributes:
        by_name: the last message of each topic, by its name; up to date even while others are
            buffered.
        all: the latest messages of all topics, oldest first, as many as the history limit.
        last: the last message of all.
        delta: what came with the latest delivery: one message, or a buffer's worth.
    """

    by_name: Mapping[str, Message[Any]] = field(default_factory=dict[str, Message[Any]])
    all: History[Message[Any]] = field(default_factory=lambda: History(limit=100))
    last: Message[Any] | None = None
    delta: Sequence[Message[Any]] = ()

    @property
    def by_topic(self) -> ByTopic:
        """The last message of each topic, asked by topic or by its name."""
        return ByTopic(self.by_name)


class RealtimeState(Struct, Generic[R], frozen=True):
    """What is known at one moment. Every view of a `Realtime` is a projection of it.

    A struct, as its messages are: one is made for every message, and these are made at once.
    """

    connection_status: ConnectionStatus = ConnectionStatus.IDLE
    run_status: RunStatus = RunStatus.UNKNOWN
    messages: Messages = field(default_factory=Messages)
    result: R | None = None
    error: Exception | None = None
    pause_reason: PauseReason | None = None

    @property
    def is_paused(self) -> bool:
        """Whether nothing is connected because we do not want it to be."""
        return self.pause_reason is not None


def reduce_state(state: RealtimeState[Any], update: Update) -> RealtimeState[Any]:
    """Fold one update into the state.

    Pure. An update that changes no view returns the very same state, so `is` tells whether
    there is anything to show.
    """
    match update:
        case Received():
            return receive(state, update)
        case Delivered(messages):
            return _deliver(state, messages)
        case RunChanged():
            return _run(state, update)
        case Idle():
            return _connection(state, ConnectionStatus.IDLE)
        case Connecting():
            return _connection(state, ConnectionStatus.CONNECTING)
        case Opened():
            return _connection(state, ConnectionStatus.OPEN, error=None)
        case Closed(error):
            kept = state.error if error is None else error
            return _connection(state, ConnectionStatus.CLOSED, error=kept)
        case Failed(error):
            return _connection(state, ConnectionStatus.ERROR, error=error)
        case Paused(reason):
            return _connection(state, ConnectionStatus.PAUSED, pause_reason=reason)
        case Reset():
            return _reset(state)
        case Limited(limit):
            was = state.messages
            return _changed(state, messages=_changed(was, all=was.all.with_limit(limit)))
        case StreamOpened(resumes=True):  # that it can be read says nothing about the run
            return state
        case StreamOpened() | Chunk() | StepChanged():
            return _evidence(state)
        case StreamClosed() | StreamControl() | StreamFailed():
            return state
        case Retrying() | Gap() | Draining() | Raw() | Invalid() | Unrecognised():
            return state
        case RowChanged() | RowDeleted() | CaughtUp() | Restarted():  # told as `RunChanged`, too
            return state
        case _:
            assert_never(update)


def receive(state: RealtimeState[Any], received: Received) -> RealtimeState[Any]:
    """Fold a message into the state, as `reduce_state` does: nearly every update is one."""
    message, was = received.message, state.messages
    by_name = dict(was.by_name)
    by_name[message.topic] = message
    if received.pending:
        messages = Messages(by_name, was.all, was.last, was.delta)
    else:
        messages = Messages(by_name, was.all.append(message), message, (message,))
    if state.run_status is _UNKNOWN:  # a run that publishes is running
        return replace(state, run_status=RunStatus.RUNNING, messages=messages)
    return replace(state, messages=messages)


def _changed(value: V, **changes: Any) -> V:
    """Return the value with the changes; the very same where it has them already."""
    if all(getattr(value, name) is change for name, change in changes.items()):
        return value
    return replace(value, **changes)


def _connection(
    state: RealtimeState[Any],
    status: ConnectionStatus,
    *,
    pause_reason: PauseReason | None = None,
    **changes: Any,
) -> RealtimeState[Any]:
    return _changed(state, connection_status=status, pause_reason=pause_reason, **changes)


def _reset(state: RealtimeState[Any]) -> RealtimeState[Any]:
    was = state.messages
    empty = Messages(all=was.all.cleared())
    return _changed(
        state,
        run_status=RunStatus.UNKNOWN,
        messages=was if was == empty else empty,
        result=None,
        error=None,
    )


def _evidence(state: RealtimeState[Any]) -> RealtimeState[Any]:
    """A run that publishes is running."""
    if state.run_status is not RunStatus.UNKNOWN:
        return state
    return replace(state, run_status=RunStatus.RUNNING)


def _deliver(state: RealtimeState[Any], messages: tuple[Message[Any], ...]) -> RealtimeState[Any]:
    if not messages:  # a window in which nothing came leaves the views as they are
        return state
    was = state.messages
    views = Messages(was.by_name, was.all.extend(messages), messages[-1], messages)
    return replace(state, messages=views)


def _run(state: RealtimeState[Any], change: RunChanged) -> RealtimeState[Any]:
    status = state.run_status if change.status is None else change.status
    result = state.result if change.result is ABSENT else change.result
    return _changed(state, run_status=status, result=result)


_UNKNOWN: Final = RunStatus.UNKNOWN  # looking into an enum takes as long as a call
