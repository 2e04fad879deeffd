"""The stream wire: the bytes of one stream of a run, in both of the server's dialects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from pydantic import ValidationError

from ...errors import ConnectionLost, OptionError
from ...models import (
    ABSENT,
    Chunk,
    Closed,
    Gap,
    Invalid,
    StreamControl,
    SubscriptionToken,
    Topic,
    Unrecognised,
    Update,
    explain,
)
from ..base import Opening, Request, Step
from ..sse import Event, EventDecoder
from .address import Account, segment
from .order import Order
from .records import Record, decode_batch, decode_line
from .window import Window

__all__ = ["StreamWire", "stream_wire"]

#: The longest that the server can be asked to wait for another record, in seconds.
MAX_TIMEOUT: Final = 600
_SHOWN: Final = 200
#: What older servers write at a stream's end; it is no data.
_END_MARK: Final = b"<<CLOSE_STREAM>>"


@dataclass(frozen=True, slots=True)
class StreamWire:
    """One stream of a run. Each record is a `Chunk`, once and in order, across connections.

    Attributes:
        url: the stream's.
        headers: what every request carries.
        topic: what the records' data is, and the stream's name.
        from_latest: begin with what comes next, and not with what the server keeps.
        timeout: seconds after which the server ends a body in which nothing came; None leaves it
            to the server.
        is_draining: nothing more will be written: ask for what is left, and not to wait for more.
        order: where we are in the log.
        seen: which records came, by the ids that their senders gave them.
        decoder: where the body of the current connection stands.
    """

    url: str
    topic: Topic[Any]
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    from_latest: bool = False
    timeout: int | None = None
    is_draining: bool = False
    order: Order = field(default_factory=Order)
    seen: Window = field(default_factory=Window)
    decoder: EventDecoder = field(default_factory=EventDecoder)

    def open(self, token: SubscriptionToken) -> Opening[Self]:
        """Ask for what follows the last record; what the last body left unfinished is gone."""
        headers = {"accept": "text/event-stream", **self.headers}
        if self.order.cursor:
            headers["Last-Event-ID"] = self.order.cursor
        elif self.from_latest:
            headers["X-Trigger-Stream-Start"] = "latest"
        seconds = 1 if self.is_draining else self.timeout
        if seconds is not None:
            headers["Timeout-Seconds"] = str(seconds)
        wire = replace(self, decoder=EventDecoder(), order=self.order.reopened())
        return Opening(wire, Request(self.url, headers=headers, token=token.key))

    def receive(self, got: bytes) -> Step[Self]:
        """Understand some bytes of the body."""
        decoder, events = self.decoder.decode(got)
        wire, updates = replace(self, decoder=decoder), list[Update]()
        for event in events:
            wire, more = wire.receive_event(event)
            updates += more
            if more and isinstance(more[-1], Closed):
                break
        return Step(wire, tuple(updates))

    def ended(self) -> Step[Self]:
        """Let go of what waited for what did not come before the body's end."""
        return self._take(*self.order.released())

    def drained(self) -> Self:
        """Return the wire that asks only for what is left."""
        return replace(self, is_draining=True)

    def receive_event(self, event: Event) -> Step[Self]:
        """Understand one event."""
        match event.event:
            case "" | "message" if event.data == _END_MARK:
                return Step(self, ())
            case "" | "message":
                return self._take(*self.order.line(decode_line(event)))
            case "batch":
                batch = decode_batch(event.data)
                if batch is None:
                    return Step(self, (Invalid("an event that holds no records", self._name),))
                return self._take(*self.order.batch(batch, keeps_tail=self.from_latest))
            case "ping":  # what has not come by now will not come on this connection
                return self.ended()
            case "error":
                why = event.data[:_SHOWN].decode("utf-8", "replace")
                return Step(self, (Closed(ConnectionLost(reason=why)),))
            case name:
                text = event.data[:_SHOWN].decode("utf-8", "replace")
                return Step(self, (Unrecognised(f"an event named {name!r:.80}", text),))

    def _take(self, order: Order, got: tuple[Record | Gap, ...]) -> Step[Self]:
        updates, ids = list[Update](), list[str]()
        for each in got:
            if isinstance(each, Gap):
                updates.append(each)
            elif each.part_id is None or not (each.part_id in self.seen or each.part_id in ids):
                if each.part_id is not None:
                    ids.append(each.part_id)
                if (update := self._update(each)) is not None:
                    updates.append(update)
        wire = replace(self, order=order, seen=self.seen.with_ids(ids))
        return Step(wire, tuple(updates))

    def _update(self, record: Record) -> Update | None:
        name = self._name
        if record.control is not None:
            return StreamControl(name, name, record.control, record.headers)
        if record.why is not None:
            return Invalid(record.why, name)
        if record.data is ABSENT:  # a command to the store
            return None
        try:
            data = self.topic.validate(record.data)
        except ValidationError as error:
            return Invalid(explain(error), name, record.data)
        return Chunk(name, name, data, record.id, record.at)

    @property
    def _name(self) -> str:
        return self.topic.name


def stream_wire(
    account: Account,
    run_id: str,
    topic: Topic[Any],
    *,
    start_index: int = 1,
    after: str | None = None,
    from_latest: bool = False,
    timeout: float | None = None,
) -> StreamWire:
    """Return the wire of one stream.

    Args:
        account: where.
        run_id: whose stream.
        topic: its name, and what its chunks are.
        start_index: the first chunk that is wanted; 1 is the first of all.
        after: the id of a chunk, to go on after it.
        from_latest: only what is written from now on.
        timeout: seconds of silence after which the server ends a body.

    Raises:
        OptionError: if an argument cannot be used.
    """
    if sum((start_index > 1, after is not None, from_latest)) > 1:
        raise OptionError("begin at an index, after a chunk, or at the latest: not several of them")
    if start_index < 0:
        raise OptionError(f"chunks are counted from 1: there is none at {start_index}")
    if timeout is not None and not 1 <= timeout <= MAX_TIMEOUT:
        raise OptionError(f"a stream may be silent for 1 to {MAX_TIMEOUT} s, not {timeout:g}")
    key = segment(topic.name, "the stream's name")
    url = account.url(f"/realtime/v1/streams/{segment(run_id, 'the run id')}/{key}")
    return StreamWire(
        url,
        topic,
        account.headers(),
        from_latest=from_latest,
        timeout=None if timeout is None else max(1, int(timeout)),
        order=Order.starting(start_index) if after is None else Order.after(after),
    )
