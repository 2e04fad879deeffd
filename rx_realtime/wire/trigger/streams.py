"""The stream wire: the bytes of one stream of a run, in both of the server's dialects."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, Self, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace
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
from .records import Batch, Record, decode_batch, decode_line
from .window import Window

__all__ = ["StreamWire", "stream_wire"]

#: The longest that the server can be asked to wait for another record, in seconds.
MAX_TIMEOUT: Final = 600
_SHOWN: Final = 200
#: What older servers write at a stream's end; it is no data.
_END_MARK: Final = b"<<CLOSE_STREAM>>"

W = TypeVar("W", bound="StreamWire")


class StreamWire(Struct, frozen=True):
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
        if after := self.order.resumes_after:
            headers["Last-Event-ID"] = after
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
        taking = _Taking(self)
        for name, alike in groupby(events, attrgetter("event")):
            if not taking.events(name, list(alike)):
                break
        return taking.step(self, decoder)

    def ended(self) -> Step[Self]:
        """Let go of what waited for what did not come before the body's end."""
        taking = _Taking(self)
        taking.take(*self.order.released())
        return taking.step(self, self.decoder)

    def drained(self) -> Self:
        """Return the wire that asks only for what is left."""
        return replace(self, is_draining=True)


class _Taking:
    """The wire while some bytes are taken in: what they change of it, and what they say."""

    def __init__(self, wire: StreamWire) -> None:
        self._validate = None if wire.topic.model is Any else wire.topic.validate
        self._name = wire.topic.name
        self._keeps_tail = wire.from_latest
        self._order = wire.order
        self._seen = wire.seen
        self._updates = list[Update]()

    def step(self, wire: W, decoder: EventDecoder) -> Step[W]:
        """Return the wire afterwards."""
        wire = replace(wire, decoder=decoder, order=self._order, seen=self._seen)
        return Step(wire, tuple(self._updates))

    def events(self, name: str, events: list[Event]) -> bool:
        """Understand events of one name, one after the other; return whether the body goes on."""
        match name:
            case "batch":
                self._batches([decode_batch(event.data) for event in events])
            case "" | "message":
                lines = [decode_line(event) for event in events if event.data != _END_MARK]
                self.take(*self._order.in_lines(lines))
            case "ping":  # what has not come by now will not come on this connection
                self.take(*self._order.released())
            case "error":
                why = _shown(events[0])
                self._updates.append(Closed(ConnectionLost(reason=why)))
                return False
            case _:
                why = f"an event named {name!r:.80}"
                self._updates += [Unrecognised(why, _shown(event)) for event in events]
        return True

    def _batches(self, batches: list[Batch | None]) -> None:
        """Take in all of them at once where all their records are the next ones, as they are."""
        records = [record for batch in batches if batch is not None for record in batch.records]
        in_order = None
        if None not in batches and (self._order.cursor or not self._keeps_tail):
            in_order = self._order.expected(records)
        if in_order is not None:
            self.take(*in_order)
            return
        for batch in batches:
            if batch is None:
                self._updates.append(Invalid("an event that holds no records", self._name))
            else:
                self.take(*self._order.batch(batch, keeps_tail=self._keeps_tail))

    def take(self, order: Order, due: list[Record | Gap]) -> None:
        """Say what is due, but for what was sent again."""
        self._order = order
        name, validate, updates = self._name, self._validate, self._updates
        seen, ids = self._seen, dict[str, None]()
        for each in due:
            if type(each) is Gap:
                updates.append(each)
                continue
            part_id = each.part_id
            if part_id is not None:
                if part_id in ids or part_id in seen:
                    continue
                ids[part_id] = None
            if each.data is ABSENT:
                updates += self._without_data(each)
                continue
            try:
                data = validate(each.data) if validate else each.data
            except ValidationError as error:
                updates.append(Invalid(explain(error), name, each.data))
            else:
                updates.append(Chunk(name, name, data, each.id, each.at))
        if ids:
            self._seen = seen.with_ids(ids)

    def _without_data(self, record: Record) -> tuple[Update, ...]:
        if record.control is not None:
            return (StreamControl(self._name, self._name, record.control, record.headers),)
        return () if record.why is None else (Invalid(record.why, self._name),)


def _shown(event: Event) -> str:
    return event.data[:_SHOWN].decode("utf-8", "replace")


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
