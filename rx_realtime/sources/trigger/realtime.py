"""`trigger.realtime`: a run as the hook sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reactivex import Observable, abc
from reactivex import operators as ops
from typing_extensions import TypeVar

from ...models import Closed, Idle, Topic, Update
from ...models.channel import topic_map
from ...operators import (
    Wait,
    backoff,
    concluded,
    restarted,
    until_terminal,
)
from ...transports import Settings
from ...wire.shape import ShapeWire
from ...wire.trigger import Account
from ...wire.trigger.feeds import run_feed
from ...wire.trigger.streams import stream_wire
from ..ending import with_typed_result
from ..options import Duration, Option, as_seconds, at_once, combined
from ..pauses import Pauses
from ..realtime import Realtime
from ..token import Token, tokens
from .account import account_of
from .connection import Carrier, Retries, Transport
from .read_streams import stream_topic
from .streaming import Reading, StreamTransport, patient, read_stream
from .target import Following
from .with_streams import ReadStream
from .with_streams import with_streams as adding_streams

__all__ = ["realtime"]

R = TypeVar("R", default=Any)

_SETTINGS = Settings()


def realtime(
    run_id: Option[str | None],
    *,
    token: Option[Token | None] = None,
    streams: Iterable[Topic[Any] | str] = (),
    with_streams: bool = False,
    key: Option[object] = None,
    enabled: Option[bool] = True,
    skip_columns: Iterable[str] = (),
    history_limit: Option[int | None] = 100,
    buffer_interval: Option[Duration] = 0.0,
    reconnect: bool = True,
    reconnect_min: Duration = 0.25,
    reconnect_max: Duration = 5.0,
    wait: Wait | Callable[[], Wait] | None = None,
    max_attempts: int | None = None,
    wait_for_run: Duration = 10.0,
    visible: Observable[bool] | None = None,
    pause_on_hidden: Option[bool] = True,
    auto_close_on_terminal: bool = True,
    result: type[R] | None = None,
    api_base_url: str | None = None,
    transport: Transport = "poll",
    stream_transport: StreamTransport = "sse",
    settings: Settings = _SETTINGS,
    scheduler: abc.SchedulerBase | None = None,
) -> Realtime[R]:
    """Follow a run: the same `Realtime` as `inngest.realtime` gives.

    Its `run_status` and `result` are those of the run; each change of it is a `RunChanged` in
    `events`, whose `data` is the `Run`. What the run says about itself is one operator away:

        rt.events.pipe(ops.metadata("progress.percentage"))

    Args:
        run_id: which run, or None while there is none yet: then the connection is idle.
        token: a token in any form, or a factory, which is asked at every attempt to connect. By
            default the account's key.
        streams: streams to read, too: names, or what `streams.define` gave. They are topics:
            `rt.on(Ai)` are the chunks of one, as messages, and `rt.streams(Ai)` the stream as a
            whole. One that cannot be read is a `StreamFailed` in `events`, and costs only itself.
        with_streams: read all streams that the run announces.
        key: another value begins anew, as another run does.
        enabled: False pauses.
        skip_columns: columns that are not needed.
        history_limit: as for `inngest.realtime`, and so are those that are not named here.
        wait_for_run: seconds for which what the server calls "not found yet" is waited for.
        auto_close_on_terminal: whether the end of the run is the end of following it; streams are
            read to their end before.
        result: a type that the run's output is validated as.
        api_base_url: the server; by default what the `TRIGGER_*` variables say.
        transport: "poll", or what asks a question in its place.
        stream_transport: "sse", or what opens a connection in its place.
        settings: times and limits.

    Returns:
        A `Realtime`. Nothing happens until one of its observables is used.

    Raises:
        OptionError: if an option has a value that cannot be used.

    Errors:
        Of its observables, shown in `state` before, as for `trigger.subscribe`.
    """
    waits = backoff(as_seconds(reconnect_min), as_seconds(reconnect_max)) if wait is None else wait
    retries = Retries(reconnect, waits, max_attempts, as_seconds(wait_for_run))
    following = Following(api_base_url, Carrier(transport, settings), retries)
    skipped = [skip_columns] if isinstance(skip_columns, str) else list(skip_columns)
    topics = topic_map(map(stream_topic, [streams] if isinstance(streams, str) else streams))
    reads_streams = with_streams or bool(topics)
    reader = _Reader(api_base_url, topics, Reading(stream_transport, patient(settings)))
    closed: Update = Closed()
    pauses = Pauses(enabled, visible, pause_on_hidden)
    if not isinstance(run_id, Observable):
        following.check(_Target(run_id or "run_", skip_columns=skipped).select)

    def of_target(target: _Target) -> Observable[Update]:
        if target.run_id is None:
            return at_once(Idle())
        updates = following.updates(target.select, target.token)
        if auto_close_on_terminal:
            updates = updates.pipe(until_terminal())
        if reads_streams:
            read = reader.of(target.run_id, target.token)
            updates = updates.pipe(
                adding_streams(target.run_id, topics, read, discover=with_streams)
            )
        updates = updates.pipe(pauses.respected(), with_typed_result(result))
        return updates.pipe(concluded(closed)) if auto_close_on_terminal else updates

    def target_of(parts: tuple[Any, ...]) -> _Target:
        run_id, token, key = parts
        return _Target(run_id, token, key, skipped)

    targets = combined(target_of, run_id, token, key, identity=_Target.identity)

    def updates(resets: Observable[object]) -> Observable[Update]:
        return targets.pipe(
            restarted(of_target, is_same=_Target.is_same, resets=resets),
            pauses.known(),  # so that pauses are known before a target asks for them
        )

    return Realtime(
        updates,
        history_limit=history_limit,
        buffer_interval=buffer_interval,
        scheduler=scheduler,
    )


@dataclass(frozen=True)
class _Target:
    """The run that is followed: where one of these changes, a new connection begins."""

    run_id: str | None
    token: Token | None = None
    key: object = None
    skip_columns: Iterable[str] = ()

    def select(self, account: Account, nonce: str) -> ShapeWire:
        """Make the run's feed."""
        return run_feed(account, self.run_id or "", skip_columns=self.skip_columns, nonce=nonce)

    def identity(self) -> tuple[object, ...]:
        """What makes it this target."""
        return self.run_id, self.key, self.token

    def is_same(self, other: _Target) -> bool:
        """Whether only the token is another: then what is known of the run stays true."""
        return (self.run_id, self.key) == (other.run_id, other.key)


@dataclass(frozen=True)
class _Reader:
    """How the streams of a run are read."""

    api_base_url: str | None
    topics: Mapping[str, Topic[Any]]
    how: Reading

    def of(self, run_id: str, token: Token | None) -> ReadStream:
        """Return what reads those of one run."""

        def read(name: str, over: Observable[bool]) -> Observable[Update]:
            account = account_of(self.api_base_url)
            wire = stream_wire(account, run_id, self.topics.get(name) or stream_topic(name))
            given = tokens(account.key if token is None else token)
            is_over = over.pipe(ops.filter(bool))
            return read_stream(wire, given, how=self.how, over=is_over, run_id=run_id)

        return read
