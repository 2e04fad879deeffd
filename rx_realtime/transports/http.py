"""HTTP: one request, one answer."""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, nullcontext, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
from reactivex import Observable

from ..errors import (
    ConnectFailed,
    ConnectionLost,
    FrameTooLarge,
    OptionError,
    RealtimeError,
    Refused,
    RemoteError,
    Stalled,
    WireError,
    refusal,
)
from ..wire import Request, Response
from ..wire.refusals import said
from .redact import redacting
from .settings import Settings
from .task import from_task

__all__ = [
    "authorised",
    "connections",
    "exchange",
    "read",
    "refused",
    "retry_after",
    "shown",
    "streamed",
    "whole",
]

_RETRY_CAP = 3600.0
_SHOWN = 300

redacting("httpx2")  # it writes whole URLs at the level INFO


def exchange(
    request: Request,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
    *,
    content: AsyncIterator[bytes] | None = None,
) -> Observable[Response]:
    """Send a request and deliver its answer, whatever its status.

    Args:
        request: what to send; its token travels as `Authorization: Bearer …`.
        settings: times and limits. `open_timeout` and `idle_timeout` together are how long the
            answer may take, except where `content` is still to come.
        content: a body that is sent piece by piece while it comes, instead of `request.body`.

    Errors:
        OptionError, ConnectFailed, ConnectionLost, FrameTooLarge, Stalled, WireError.
    """
    patience = None if content is not None else settings.open_timeout + settings.idle_timeout

    async def run(deliver: Callable[[Response], None]) -> None:
        deliver(await whole(request, settings, patience, content=content))

    return from_task(run)


async def whole(
    request: Request,
    settings: Settings,
    patience: float | None,
    *,
    content: AsyncIterator[bytes] | None = None,
    client: httpx2.AsyncClient | None = None,
) -> Response:
    """Send a request and return its whole answer.

    Args:
        request: what to send.
        settings: times and limits.
        patience: seconds that the answer may take; None is as long as it takes.
        content: a body that is yet to come.
        client: as for `streamed`.

    Raises:
        FrameTooLarge: if it is too much.
        Stalled: if it took too long.
        OptionError, ConnectFailed, ConnectionLost, WireError: as `streamed` and `read`.
    """
    body, limit = bytearray(), asyncio.timeout(patience)

    def take(piece: bytes) -> None:
        body.extend(piece)
        if len(body) > settings.max_size:
            raise FrameTooLarge(settings.max_size)

    try:
        async with limit, streamed(request, settings, content=content, client=client) as response:
            await read(response, settings, take)
    except TimeoutError:
        if patience is None or not limit.expired():
            raise
        raise Stalled(patience, "a whole answer") from None
    return Response(response.status_code, dict(response.headers), bytes(body))


@asynccontextmanager
async def streamed(
    request: Request,
    settings: Settings,
    *,
    content: AsyncIterator[bytes] | None = None,
    timeout: float | None = None,  # noqa: ASYNC109  (for its beginning only)
    client: httpx2.AsyncClient | None = None,
) -> AsyncGenerator[httpx2.Response]:
    """Send a request; its answer's body is still to be `read`. Redirects are not followed.

    Args:
        request: what to send.
        settings: times and limits.
        content: a body that is yet to come.
        timeout: seconds until the answer begins; by default `settings` only say how long one
            step on the way to it may take.
        client: whose connections carry it; by default one of its own.

    Raises:
        OptionError: if the request may not be sent.
        ConnectFailed: if no answer came.
        Stalled: if the server was silent for too long.
        WireError: if the answer is compressed, which nobody asked for: what is a few bytes on
            the way may be more than all memory here.
    """
    failures = list[Exception]()
    async with (
        connections(request.url, settings) if client is None else nullcontext(client) as client_
    ):
        opening = asyncio.timeout(timeout)
        try:
            sent = client_.build_request(
                request.method,
                request.url,
                headers={"Accept-Encoding": "identity", **authorised(request)},
                content=request.body if content is None else _watched(content, failures),
            )
            async with opening, _handshake(sent):
                response = await client_.send(sent, stream=True)
        except (httpx2.TransportError, httpx2.InvalidURL, TimeoutError) as error:
            if error in failures:  # of who makes the content: none of ours
                raise
            why = _no_answer(error, settings, timeout if opening.expired() else None)
            raise why from None
        try:
            encoding = response.headers.get("content-encoding", "identity")
            if encoding != "identity" and response.status_code < 400:
                raise WireError(f"the answer is compressed ({encoding!r:.40}), unasked")
            yield response
        finally:
            await response.aclose()


async def read(
    response: httpx2.Response,
    settings: Settings,
    deliver: Callable[[bytes], None],
    *,
    gate: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Hand on a body in the pieces it comes in. What `deliver` raises goes through as it is.

    Args:
        response: whose body.
        settings: times and limits.
        deliver: takes the pieces.
        gate: awaited before each of them. Time spent there is no silence of the server.

    Raises:
        Stalled: if it was silent for too long.
        ConnectionLost: if it broke off.
    """
    async with aclosing(response.aiter_raw()) as body:
        while True:
            if gate is not None:
                await gate()
            try:
                piece = await anext(body, None)
            except httpx2.ReadTimeout:
                raise Stalled(settings.idle_timeout) from None
            except httpx2.TransportError as error:
                raise ConnectionLost(reason=_said(error)) from None
            if piece is None:
                return
            deliver(piece)


async def refused(response: httpx2.Response, settings: Settings) -> Refused:
    """Make the error that an answer stands for, with the beginning of what it says."""
    body = bytearray()

    def take(piece: bytes) -> None:
        body.extend(piece)
        if len(body) > _SHOWN:
            raise _Enough

    if "content-encoding" not in response.headers:
        with suppress(_Enough, TimeoutError, RemoteError):
            async with asyncio.timeout(settings.open_timeout):
                await read(response, settings, take)
    after = retry_after(response.headers.get("retry-after"))
    return refusal(response.status_code, shown(body), retry_after=after)


class _Enough(Exception):
    pass


def shown(body: bytes | bytearray | None) -> str:
    """Return what the body of an error says; of a page, its beginning."""
    text = bytes(body or b"")
    return said(text) or text[:_SHOWN].decode("utf-8", "replace").strip()


def connections(url: str, settings: Settings) -> httpx2.AsyncClient:
    """Return what opens connections to the server of a URL, and keeps them for the next request.

    Raises:
        OptionError: if requests may not be sent there.
    """
    here = settings.guard(url)
    try:
        return httpx2.AsyncClient(
            verify=settings.tls if url.startswith("https:") else _no_tls(),
            timeout=httpx2.Timeout(settings.idle_timeout, connect=settings.open_timeout),
            trust_env=not here,
        )
    except (ImportError, ValueError) as error:
        raise OptionError(f"the environment names a proxy that cannot be used: {error}") from None


@asynccontextmanager
async def _handshake(sent: httpx2.Request) -> AsyncGenerator[None]:
    """Close what is cancelled in the middle of its TLS handshake: httpx2 leaves its socket open."""
    streams = list[Any]()

    async def trace(event: str, info: Mapping[str, Any]) -> None:
        match event:
            case "connection.connect_tcp.complete":
                streams.append(info["return_value"])
            case "connection.start_tls.complete":
                streams.clear()
            case _:
                pass

    sent.extensions["trace"] = trace
    try:
        yield
    except asyncio.CancelledError:
        for stream in streams:
            await stream.aclose()
        raise


async def _watched(
    content: AsyncIterator[bytes], failures: list[Exception]
) -> AsyncGenerator[bytes]:
    try:
        async for piece in content:
            yield piece
    except Exception as error:
        failures.append(error)
        raise


def _no_answer(error: Exception, settings: Settings, timeout: float | None) -> RealtimeError:
    """Say why no answer came."""
    if timeout is None and isinstance(error, httpx2.ReadTimeout | httpx2.WriteTimeout):
        return Stalled(settings.idle_timeout, "an answer")
    if isinstance(error, httpx2.TimeoutException | TimeoutError):
        return ConnectFailed(f"it took longer than {timeout or settings.open_timeout:g} s")
    is_final = isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL) or any(
        isinstance(each, ssl.SSLCertVerificationError) for each in _chain(error)
    )
    return ConnectFailed(_said(error), transient=not is_final)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def authorised(request: Request) -> dict[str, str]:
    """Return the headers of a request, its token among them."""
    if request.token is None:
        return dict(request.headers)
    return {**request.headers, "Authorization": f"Bearer {request.token.get_secret_value()}"}


def _no_tls() -> ssl.SSLContext:
    """Spare plain connections the loading of certificates; it verifies nothing it never sees."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def retry_after(value: str | None) -> float | None:
    """Read a `Retry-After` header: seconds or a date; never negative, never over an hour."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            date = parsedate_to_datetime(value)
        except ValueError:
            return None
        if date.tzinfo is None:
            date = date.replace(tzinfo=UTC)
        seconds = (date - datetime.now(UTC)).total_seconds()
    return None if math.isnan(seconds) else min(max(seconds, 0.0), _RETRY_CAP)
