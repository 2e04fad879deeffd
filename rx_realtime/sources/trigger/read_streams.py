"""Reading the streams of runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypeVar, overload

from reactivex import Observable, abc
from reactivex import operators as ops

from ...models import Chunk, RunChanged, Topic, Update
from ...operators import Wait, backoff, chained, deferred, listen
from ...transports import Settings
from ...wire.shape import ShapeWire
from ...wire.trigger import Account
from ...wire.trigger.feeds import run_feed
from ...wire.trigger.streams import stream_wire
from ..feed import Feed
from ..options import Duration, as_seconds
from ..token import Token, tokens
from .account import account_of
from .connection import Carrier, Retries, Transport
from .gate import Gate, StreamFeed
from .streaming import STREAM_SETTINGS, Reading, StreamTransport, read_stream
from .target import Following

__all__ = ["From", "read", "stream_topic", "subscribe"]

T = TypeVar("T")

#: Where to begin: with what the server keeps, or with what comes next.
From: TypeAlias = Literal["start", "latest"]

_NOT_NEEDED = ("payload", "output", "metadata")


@overload
def read(
    run_id: str,
    key: Topic[T],
    *,
    start_index: int = ...,
    after: str | None = ...,
    from_: From = ...,
    timeout: Duration | None = ...,
    token: Token | None = ...,
    wait: Wait | Callable[[], Wait] | None = ...,
    max_attempts: int | None = ...,
    api_base_url: str | None = ...,
    transport: StreamTransport = ...,
    run_transport: Transport = ...,
    settings: Settings = ...,
) -> Feed[T]: ...
@overload
def read(
    run_id: str,
    key: str = ...,
    *,
    start_index: int = ...,
    after: str | None = ...,
    from_: From = ...,
    timeout: Duration | None = ...,
    token: Token | None = ...,
    wait: Wait | Callable[[], Wait] | None = ...,
    max_attempts: int | None = ...,
    api_base_url: str | None = ...,
    transport: StreamTransport = ...,
    run_transport: Transport = ...,
    settings: Settings = ...,
) -> Feed[Any]: ...
def read(run_id: str, key: Topic[Any] | str = "default", **options: Any) -> Feed[Any]:
    """Read a stream of a run: deliver each chunk once and in order; complete when the run is over.

    A connection that breaks goes on where it stopped. That the server ends a body proves nothing:
    it is asked again until the run is over, and then until nothing is left. Iterating loses
    nothing, however slow the reader is: the server waits.

    Args:
        run_id: which run, `run_…`.
        key: which of its streams: a name, or what `define` gave.
        options: as for `subscribe`.

    Raises:
        OptionError: if an option has a value that cannot be used.

    Errors:
        As for `subscribe`. Chunks that do not fit the stream's type are left out; they are
        among the updates.
    """
    make = _updates(run_id, key, **options)

    def chunks(gate: Gate | None) -> Observable[Any]:
        return make(gate).pipe(_data)

    return StreamFeed(chunks)


def subscribe(
    run_id: str,
    key: Topic[Any] | str = "default",
    *,
    start_index: int = 1,
    after: str | None = None,
    from_: From = "start",
    timeout: Duration | None = None,
    token: Token | None = None,
    wait: Wait | Callable[[], Wait] | None = None,
    max_attempts: int | None = None,
    api_base_url: str | None = None,
    transport: StreamTransport = "sse",
    run_transport: Transport = "poll",
    settings: Settings = STREAM_SETTINGS,
) -> Feed[Update]:
    """Read a stream of a run, and deliver everything that happens as updates.

    What `read` is made of. Each chunk is a `Chunk`, whose `id` is where to go on `after`, be it
    in another process; `StreamOpened` and `StreamClosed` stand around them. Connecting, retries,
    chunks that do not fit (`Invalid`) and what the server no longer keeps (`Gap`) are updates, too.

    Args:
        run_id: which run, `run_…`.
        key: which of its streams: a name, or what `define` gave.
        start_index: the first chunk that is wanted; 1 is the first of all.
        after: the id of a chunk, to go on after it.
        from_: "latest" leaves out what was written before.
        timeout: seconds without a chunk, 1 to 600, after which reading ends although the run goes
            on. By default it lasts as long as the run.
        token: a token in any form, or a factory, which is asked at every attempt to connect. By
            default the account's key.
        wait: any tenacity wait, or a list of delays, or a function that returns either; by
            default 100 ms, twice as long each time, to 5 s.
        max_attempts: how many attempts may fail in a row; None is forever.
        api_base_url: the server; by default what the `TRIGGER_*` variables say.
        transport: "sse", or what opens a connection in its place.
        run_transport: how it is found out that the run is over, as for `trigger.subscribe`.
        settings: times and limits.

    Raises:
        OptionError: if an option has a value that cannot be used.

    Errors:
        TokenError, NotAuthorized, Forbidden (after one fresh token), Refused with 400, 404, 409,
        410 or 422, FrameTooLarge, WireError, OptionError. All else is tried again.
    """
    make = _updates(
        run_id,
        key,
        start_index=start_index,
        after=after,
        from_=from_,
        timeout=timeout,
        token=token,
        wait=wait,
        max_attempts=max_attempts,
        api_base_url=api_base_url,
        transport=transport,
        run_transport=run_transport,
        settings=settings,
    )
    return StreamFeed(make)


def _updates(
    run_id: str,
    key: Topic[Any] | str,
    *,
    start_index: int = 1,
    after: str | None = None,
    from_: From = "start",
    timeout: Duration | None = None,
    token: Token | None = None,
    wait: Wait | Callable[[], Wait] | None = None,
    max_attempts: int | None = None,
    api_base_url: str | None = None,
    transport: StreamTransport = "sse",
    run_transport: Transport = "poll",
    settings: Settings = STREAM_SETTINGS,
) -> Callable[[Gate | None], Observable[Update]]:
    topic = stream_topic(key)
    idle = None if timeout is None else as_seconds(timeout)
    following = Following(api_base_url, Carrier(run_transport, settings), Retries(True, backoff()))

    def wire_of(account: Account) -> Any:
        return stream_wire(
            account,
            run_id,
            topic,
            start_index=start_index,
            after=after,
            from_latest=from_ == "latest",
            timeout=idle,
        )

    def run_wire(account: Account, nonce: str) -> ShapeWire:
        return run_feed(account, run_id, skip_columns=_NOT_NEEDED, nonce=nonce)

    wire_of(Account("https://nowhere.invalid"))  # says at once what is wrong with an option

    def made(gate: Gate | None) -> Observable[Update]:
        def begin(_: object) -> Observable[Update]:
            account = account_of(api_base_url)
            how = Reading(transport, settings, wait, max_attempts, idle, gate)
            over = following.updates(run_wire, token).pipe(ops.filter(_is_over), ops.take(1))
            given = tokens(account.key if token is None else token)
            return read_stream(wire_of(account), given, how=how, over=over, run_id=run_id)

        return deferred(begin)

    return made


def stream_topic(key: Topic[Any] | str) -> Topic[Any]:
    """Return what a stream's chunks are, and its name."""
    anything: Any = Any
    return Topic[Any](anything, name=key) if isinstance(key, str) else key


def _is_over(update: Update) -> bool:
    return isinstance(update, RunChanged) and update.is_terminal


def _data(updates: Observable[Update]) -> Observable[Any]:
    """Deliver what chunks carry, and nothing else."""

    def subscribe(
        observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        deliver = observer.on_next

        def on_next(update: Update) -> None:
            if type(update) is Chunk:
                deliver(update.data)

        return listen(
            updates, on_next, observer.on_error, observer.on_completed, scheduler=scheduler
        )

    return chained(subscribe)
