"""Server-sent events: bytes to events, in any cut, as the WHATWG standard says.

Ours, because libraries hand out events only: comments vanish in them, and a stall timer needs to
see that the server is alive. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

from typing import Generic, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ..models import SubscriptionToken, Update
from .base import Opening, Step, Wire

__all__ = ["Event", "EventDecoder", "SseWire"]

_BOM = b"\xef\xbb\xbf"
_USUAL = (b"id", b"event")
_MAX_DIGITS = 15  # milliseconds for 30,000 years; int() refuses thousands of digits

W = TypeVar("W", bound=Wire[bytes])


class Event(Struct, frozen=True, gc=False):
    """One dispatched event. `id` is the last id seen, also where this event set none.

    Many live at once while a chunk of bytes is read. What is in one cannot lead back to it, so the
    garbage collector need not look.
    """

    data: bytes
    event: str = ""
    id: str = ""
    retry: int | None = None


class EventDecoder(Struct, frozen=True):
    """Where the decoder stands between two chunks of bytes.

    Attributes:
        rest: bytes of the line that has not ended yet, in pieces, each shorter than the one
            before it: joining them anew with each chunk would take hours for a line of megabytes.
        data: the data lines of the event that has not ended yet.
        started: the first bytes, which may be a byte order mark, are behind us.
        after_cr: the last byte was a CR: a LF that follows belongs to it.
    """

    rest: tuple[bytes, ...] = ()
    data: tuple[bytes, ...] = ()
    event: str = ""
    id: str = ""
    retry: int | None = None
    started: bool = False
    after_cr: bool = False

    @property
    def is_inside(self) -> bool:
        """Whether an event has begun that has not ended."""
        return bool(self.rest or self.data)

    def decode(self, chunk: bytes) -> tuple[EventDecoder, list[Event]]:
        """Take in some bytes; return the decoder to go on with, and the events they completed."""
        if not chunk:
            return self, []
        if self.after_cr:  # a LF is the second half of a CRLF
            chunk = chunk.removeprefix(b"\n")
            if not chunk:
                return replace(self, after_cr=False), []
        pieces, started = self.rest, self.started
        if not started:
            text = b"".join(pieces) + chunk
            if len(text) < len(_BOM) and _BOM.startswith(text):
                return replace(self, rest=(text,)), []
            pieces, chunk, started = (), text.removeprefix(_BOM), True
        if b"\n" not in chunk and b"\r" not in chunk:
            return replace(self, rest=_longer(pieces, chunk), started=started, after_cr=False), []
        after_cr = chunk.endswith(b"\r")
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = chunk.split(b"\n")
        if pieces:
            lines[0] = b"".join((*pieces, lines[0]))
        last = lines.pop()
        rest = (last,) if last else ()
        data, event, last_id, retry = list(self.data), self.event, self.id, self.retry
        events = list[Event]()
        for line in lines:
            if not line:
                if data:
                    events.append(Event(b"\n".join(data), event, last_id, retry))
                    data = []
                event = ""
                continue
            name, _, value = line.partition(b": ")
            if name == b"data":  # in the usual spelling, as most lines are
                data.append(value)
                continue
            if name not in _USUAL:  # or no space follows the colon
                name, _, value = line.partition(b":")
                value = value.removeprefix(b" ")
            match name:
                case b"data":
                    data.append(value)
                case b"id" if b"\0" not in value:
                    last_id = _text(value)
                case b"event":
                    event = _text(value)
                case b"retry" if value.isdigit() and len(value) <= _MAX_DIGITS:
                    retry = int(value)
                case _:  # a comment (empty name) or a field nobody knows
                    pass
        decoder = EventDecoder(rest, tuple(data), event, last_id, retry, started, after_cr)
        return decoder, events


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace")


def _longer(pieces: tuple[bytes, ...], more: bytes) -> tuple[bytes, ...]:
    """Return the pieces with one more, joining those that are no longer than what follows them.

    So there are few pieces, and each byte is copied few times, however small the chunks are.
    """
    while pieces and len(pieces[-1]) <= len(more):
        more = pieces[-1] + more
        pieces = pieces[:-1]
    return (*pieces, more)


class SseWire(Struct, Generic[W], frozen=True):
    """Another wire's frames, carried as events.

    An event with a name of its own is no frame of that wire: the inner wire sees it as raw text.
    """

    inner: W
    decoder: EventDecoder = EventDecoder()

    def open(self, token: SubscriptionToken) -> Opening[Self]:
        """Begin a new body: what the last one left unfinished is gone."""
        inner, request = self.inner.open(token)
        return Opening(type(self)(inner), request)

    def receive(self, got: bytes) -> Step[Self]:
        """Understand some bytes of the body."""
        decoder, events = self.decoder.decode(got)
        inner, updates = self.inner, list[Update]()
        for event in events:
            named = f"event: {event.event}\n".encode() if event.event else b""
            inner, more = inner.receive(named + event.data)
            updates += more
        return Step(type(self)(inner, decoder), tuple(updates))
