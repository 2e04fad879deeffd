"""What happened, in our words: the closed union of updates.

Wires turn an engine's envelopes into updates, connections add their own, reducers fold them.
A kind that we do not know is an `Unrecognised` that keeps its text: it never breaks a stream.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final, final

from msgspec import Struct

from .message import Message
from .reticent import Reticent
from .status import PauseReason, RunStatus

__all__ = [
    "ABSENT",
    "Absent",
    "CaughtUp",
    "Chunk",
    "Closed",
    "Connecting",
    "Delivered",
    "Draining",
    "Failed",
    "Gap",
    "Idle",
    "Invalid",
    "Limited",
    "Opened",
    "Paused",
    "Raw",
    "Received",
    "Reset",
    "Restarted",
    "Retrying",
    "RowChanged",
    "RowDeleted",
    "RunChanged",
    "StepChanged",
    "StreamClosed",
    "StreamControl",
    "StreamFailed",
    "StreamOpened",
    "Unrecognised",
    "Update",
]


class Absent:
    """The type of `ABSENT`."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __reduce__(self) -> str:
        return "ABSENT"  # a copy is the same one: it is told by `is`


#: Stands where nothing was said, because None is something that can be said.
ABSENT: Final = Absent()


# ── the connection ────────────────────────────────────────────────────────────────────────────


class Idle(Struct, frozen=True):
    """There is nothing to connect to: the channel is None."""


class Connecting(Struct, frozen=True):
    """An attempt begins: first the token, then the connection."""


@final
class Opened(Struct, frozen=True):
    """The connection is open.

    Attributes:
        token_in_url: the server took the token only as a query parameter, where proxies may log
            it.
    """

    token_in_url: bool = False


@final
class Closed(Struct, frozen=True):
    """The connection ended. `error` says how it broke off; None: it was over, and we closed it."""

    error: Exception | None = None


class Failed(Struct, frozen=True):
    """An attempt failed before it opened: its token, its connection, or what an option is."""

    error: Exception


class Retrying(Struct, frozen=True):
    """The next attempt comes after a wait.

    Attributes:
        attempt: 1 for the first attempt after a success.
        wait: seconds (ticks under virtual time) until then.
        error: what the last attempt failed with.
    """

    attempt: int
    wait: float
    error: Exception


class Paused(Struct, frozen=True):
    """Nothing is connected, because we do not want it to be."""

    reason: PauseReason


@final
class Gap(Struct, frozen=True):
    """Messages may have been missed between two moments: the server keeps none for us.

    Attributes:
        reason: "lost" after a broken connection, "paused" after a pause, "trimmed" where the server
            no longer keeps some of a stream's records.
        since: when listening stopped.
        until: when it began again.
    """

    reason: str
    since: datetime
    until: datetime


class Draining(Struct, frozen=True):
    """The server will close soon: a replacement is being opened while this connection goes on."""


# ── messages ──────────────────────────────────────────────────────────────────────────────────


@final
class Received(Struct, frozen=True, gc=False):
    """A message came in.

    Attributes:
        pending: it waits in a buffer; a `Delivered` will bring it to the views.
    """

    message: Message[Any]
    pending: bool = False


class Delivered(Struct, frozen=True):
    """Buffered messages are due: they enter `all`, `last` and `delta` together."""

    messages: tuple[Message[Any], ...]


class StreamOpened(Struct, frozen=True):
    """A datastream begins on a topic.

    Attributes:
        resumes: it has a connection of its own, and goes on where it stopped when that breaks:
            what happens to other connections is nothing to it.
    """

    stream_id: str
    channel: str
    topic: str
    run_id: str | None = None
    metadata: Any = None
    resumes: bool = False


@final
class Chunk(Struct, frozen=True, gc=False):
    """A piece of a datastream.

    Attributes:
        id: what the server calls its place, where it can be asked to go on from there.
        at: when the server took it in, where it says so.
    """

    stream_id: str
    topic: str
    data: Any
    id: str | None = None
    at: datetime | None = None


class StreamControl(Struct, frozen=True):
    """A datastream's sender says something about it, between its pieces.

    Attributes:
        subtype: what kind of thing, such as "turn-complete".
        headers: everything that was said.
    """

    stream_id: str
    topic: str
    subtype: str
    headers: tuple[tuple[str, str], ...] = ()


class StreamFailed(Struct, frozen=True):
    """A datastream cannot be read any further. The others go on."""

    stream_id: str
    topic: str
    error: Exception


class StreamClosed(Struct, frozen=True):
    """A datastream came to its end."""

    stream_id: str
    topic: str


# ── the run ───────────────────────────────────────────────────────────────────────────────────


class RunChanged(Reticent, frozen=True, gc=False):
    """Something was said about the run.

    Attributes:
        status: its status, or None where only something else changed.
        result: its result, or `ABSENT` where none was given.
        run_id: which run, where it was said.
        at: when it was said.
        data: everything that was said, as it came.
    """

    status: RunStatus | None = None
    result: Any = ABSENT
    run_id: str | None = None
    at: datetime | None = None
    data: Any = None
    _unshown: ClassVar = ("data",)

    @property
    def is_terminal(self) -> bool:
        """Whether the run can no longer change."""
        return self.status is not None and self.status.is_terminal


class StepChanged(Struct, frozen=True):
    """Something was said about a step of the run."""

    topic: str
    data: Any
    run_id: str | None = None


# ── a log of rows ─────────────────────────────────────────────────────────────────────────────


class RowChanged(Reticent, frozen=True, gc=False):
    """A row is new, or no longer what it was.

    Attributes:
        key: what it is told apart by, as long as it lives.
        row: all that it holds now, however little of it was said.
    """

    key: str
    row: Any
    _unshown: ClassVar = ("row",)


class RowDeleted(Reticent, frozen=True):
    """A row is gone, or no longer one of those that were asked for.

    Attributes:
        row: what it held.
    """

    key: str
    row: Any = None

    _unshown: ClassVar = ("row",)


class CaughtUp(Struct, frozen=True):
    """What was said so far is all there is at this moment.

    Attributes:
        rows: how many there are; 0 is an answer, too.
    """

    rows: int = 0


class Restarted(Struct, frozen=True):
    """The server began its log anew. What differs from what was known follows, and a `CaughtUp`."""


# ── the views ─────────────────────────────────────────────────────────────────────────────────


class Reset(Struct, frozen=True):
    """Begin again: messages, result, error and run status are forgotten."""


class Limited(Struct, frozen=True):
    """The history limit changed."""

    limit: int | None


# ── what could not be used ────────────────────────────────────────────────────────────────────


class Raw(Struct, frozen=True):
    """Bytes that were forwarded as they are: text that is no envelope."""

    data: bytes


class Invalid(Reticent, frozen=True):
    """A message does not fit its topic's model, or its envelope is malformed: it was left out.

    Attributes:
        why: what is wrong, naming places and none of the data.
        data: the payload as it came.
    """

    why: str
    topic: str | None = None
    data: Any = None

    _unshown: ClassVar = ("data",)


class Unrecognised(Reticent, frozen=True):
    """An envelope that is not for us, or of a kind we do not know. Its text is kept, shortened."""

    why: str
    text: str

    _unshown: ClassVar = ("text",)


Update = (
    Idle
    | Connecting
    | Opened
    | Closed
    | Failed
    | Retrying
    | Paused
    | Gap
    | Draining
    | Received
    | Delivered
    | StreamOpened
    | Chunk
    | StreamClosed
    | StreamControl
    | StreamFailed
    | RunChanged
    | StepChanged
    | RowChanged
    | RowDeleted
    | CaughtUp
    | Restarted
    | Reset
    | Limited
    | Raw
    | Invalid
    | Unrecognised
)
