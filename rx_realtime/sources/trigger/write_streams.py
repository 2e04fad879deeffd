"""Writing the streams of runs, from anywhere: a task, a backend, a script."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

import reactivex as rx
from reactivex import Observable

from ...errors import OptionError, Unfinished, WireError
from ...models import Topic
from ...operators import Wait
from ...transports import Settings, exchange, from_task
from ...wire import Request, Response
from ...wire.refusals import check
from ...wire.trigger import Account
from ...wire.trigger.ingest import (
    Target,
    create_request,
    decode_created,
    encode_chunk,
    ingest_request,
    input_request,
    probe_request,
)
from ..feed import Feed
from ..pieces import Source, each_of
from .account import account_of, asked
from .read_streams import stream_topic
from .uploading import WAITS, Exchange, Upload, retried

__all__ = ["Writer", "append", "pipe", "send", "writer"]

T = TypeVar("T")

_SETTINGS: Final = Settings()
#: How many chunks a writer takes before it makes its caller wait.
WAITING: Final = 64


def pipe(
    run_id: str,
    key: Topic[T] | str,
    source: Source[T],
    *,
    target: Target = "self",
    wait: Wait = WAITS,
    api_base_url: str | None = None,
    transport: Exchange | None = None,
    settings: Settings = _SETTINGS,
) -> Feed[int]:
    """Write chunks into a stream of a run as they come: `await` it, or `.run()` it.

    Delivers how many there were, when all of them are stored. What is lost on the way is sent
    again, and the server is asked before which of it arrived. A source is not asked for more
    than a part, 1,000 chunks or 4 MiB, before the one before it is stored.

    Args:
        run_id: which run, `run_…`.
        key: which stream: a name, or what `define` gave.
        source: chunks: an iterable, an async iterable, or an observable. An observable other than
            a feed of a stream cannot be made to wait.
        target: "parent" and "root" write into the stream of the run that triggered this one, or
            of the first of all.
        wait: any tenacity wait, or a list of delays, between attempts.
        api_base_url: the server; by default what the `TRIGGER_*` variables say.
        transport: what sends requests instead.
        settings: times and limits.

    Errors:
        PayloadError: a chunk does not fit the stream's type or is over 1 MiB. Those before it are
            stored; so it is with what the source raises.
        Overflowed: an observable was too far ahead.
        Refused: the run is over, for example; NotAuthorized, Forbidden, NotFound.
        ConnectFailed, ConnectionLost, Stalled: ten attempts failed.
        WireError, OptionError.
    """
    topic = stream_topic(key)

    async def run(deliver: Callable[[int], None]) -> None:
        account = account_of(api_base_url)
        if account.key is None:
            raise OptionError("set TRIGGER_SECRET_KEY")
        send_ = transport or _over(settings)
        created = await Feed(
            retried(
                rx.defer(lambda _: send_(create_request(account, run_id, target, topic.name))), wait
            )
        )
        if (version := decode_created(created)) != "v1":
            raise WireError(f"streams of version {version} are written to where they are stored")
        client_id = uuid.uuid4().hex[:8]

        def ingest(first: int) -> Request:
            return ingest_request(
                account, run_id, target, topic.name, client_id=client_id, first=first
            )

        def probe() -> Request:
            return probe_request(account, run_id, target, topic.name, client_id=client_id)

        async with aclosing(_lines(topic, source)) as lines:
            deliver(await Upload(lines, send_, ingest, probe, wait).run())

    return Feed(from_task(run))


def append(
    run_id: str,
    key: Topic[T] | str,
    chunk: T,
    *,
    target: Target = "self",
    wait: Wait = WAITS,
    api_base_url: str | None = None,
    transport: Exchange | None = None,
    settings: Settings = _SETTINGS,
) -> Feed[int]:
    """Write one chunk. Arguments and errors as for `pipe`."""
    return pipe(
        run_id,
        key,
        [chunk],
        target=target,
        wait=wait,
        api_base_url=api_base_url,
        transport=transport,
        settings=settings,
    )


def writer(
    run_id: str,
    key: Topic[T] | str,
    *,
    target: Target = "self",
    wait: Wait = WAITS,
    api_base_url: str | None = None,
    transport: Exchange | None = None,
    settings: Settings = _SETTINGS,
) -> Writer[T]:
    """Write chunks one by one.

        async with writer(run_id, "ai") as ai:
            await ai.write(chunk)

    Arguments as for `pipe`; its errors are raised by `write`, or at the end.
    """

    def pipe_(source: Source[T]) -> Feed[int]:
        return pipe(
            run_id,
            key,
            source,
            target=target,
            wait=wait,
            api_base_url=api_base_url,
            transport=transport,
            settings=settings,
        )

    return Writer(pipe_)


def send(
    run_id: str,
    key: str,
    data: Any,
    *,
    api_base_url: str | None = None,
    settings: Settings = _SETTINGS,
) -> Feed[None]:
    """Send a message to an input stream, for which a run may be waiting.

    Args:
        run_id: which run, `run_…`.
        key: the input stream's name.
        data: any JSON.
        api_base_url: the server; by default what the `TRIGGER_*` variables say.
        settings: times and limits.

    Errors:
        PayloadError: it cannot be said in JSON, or is over 1 MiB. Nothing was sent.
        Refused: the run is over; NotAuthorized, Forbidden, NotFound.
        ConnectFailed, ConnectionLost, Stalled, WireError, OptionError.
    """

    def request(account: Account) -> Request:
        return input_request(account, run_id, key, data)

    return asked(api_base_url, settings, request, check)


class Writer(Generic[T]):
    """A stream that is being written. Made by `writer`; used in one event loop.

    Leaving `async with` waits until everything is stored; leaving it by an exception stores what
    was written before.
    """

    def __init__(self, pipe: Callable[[AsyncIterator[T]], Feed[int]]) -> None:
        self._pipe = pipe
        self._waiting: asyncio.Queue[T | _End] = asyncio.Queue(WAITING)
        self._sending: asyncio.Future[int] | None = None

    async def write(self, chunk: T) -> None:
        """Write a chunk: wait until there is room for it.

        Raises:
            Unfinished: outside of `async with`.
            RealtimeError: if writing has failed, as for `pipe`.
        """
        await self._put(chunk)

    async def merge(self, source: Source[T]) -> None:
        """Write all chunks of a source. Several may be merged at once."""
        async for chunk in each_of(source):
            await self._put(chunk)

    async def __aenter__(self) -> Self:
        self._sending = asyncio.ensure_future(self._pipe(self._chunks()))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        sending, self._sending = self._sending, None
        assert sending is not None
        if isinstance(error, asyncio.CancelledError):
            sending.cancel()
            await asyncio.wait([sending])
            return
        if not sending.done():
            await self._put(_End(), sending)
        if error is None:
            await sending
        else:
            await asyncio.wait([sending])
            sending.exception()  # what went wrong first is what is raised

    async def _put(self, chunk: T | _End, sending: asyncio.Future[int] | None = None) -> None:
        sending = sending or self._sending
        if sending is None:
            raise Unfinished("a writer writes inside `async with`")
        putting = asyncio.ensure_future(self._waiting.put(chunk))
        try:
            both: list[asyncio.Future[Any]] = [putting, sending]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            putting.cancel()
        if sending.done() and not isinstance(chunk, _End):
            sending.result()  # raises why it failed
            raise Unfinished("the stream is no longer written")

    async def _chunks(self) -> AsyncIterator[T]:
        while not isinstance(chunk := await self._waiting.get(), _End):
            yield chunk


class _End:
    pass


async def _lines(topic: Topic[T], source: Source[T]) -> AsyncGenerator[bytes]:
    async for chunk in each_of(source):
        yield encode_chunk(topic, chunk)


def _over(settings: Settings) -> Exchange:
    def send_(
        request: Request, *, content: AsyncIterator[bytes] | None = None
    ) -> Observable[Response]:
        return exchange(request, settings, content=content)

    return send_
