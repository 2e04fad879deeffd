"""HTTP: one request, one answer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

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
from .redact import redacting
from .settings import Settings
from .task import from_task

__all__ = ["authorised", "exchange", "read", "refused", "retry_after", "shown", "streamed"]

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
    whole = None if content is not None else settings.open_timeout + settings.idle_timeout

    async def run(deliver: Callable[[Response], None]) -> None:
        body, patience = bytearray(), asyncio.timeout(whole)

        def take(piece: bytes) -> None:
            body.extend(piece)
            if len(body) > settings.max_size:
                raise FrameTooLarge(settings.max_size)

        try:
            async with patience, streamed(request, settings, content=content) as response:
                await read(response, settings, take)
        except TimeoutError:
            if whole is None or not patience.expired():
                raise
            raise Stalled(whole, "a whole answer") from None
        deliver(Response(response.status_code, dict(response.headers), bytes(body)))

    return from_task(run)


@asynccontextmanager
async def streamed(
    request: Request,
    settings: Settings,
    *,
    content: AsyncIterator[bytes] | None = None,
    timeout: float | None = None,  # noqa: ASYNC109  (for its beginning only)
) -> AsyncGenerator[httpx2.Response]:
    """Send a request; its answer's body is still to be `read`. Redirects are not followed.

    Args:
        request: what to send.
        settings: times and limits.
        content: a body that is yet to come.
        timeout: seconds until the answer begins; by default `settings` only say how long one
            step on the way to it may take.

    Raises:
        OptionError: if the request may not be sent.
        ConnectFailed: if no answer came.
        Stalled: if the server was silent for too long.
        WireError: if the answer is compressed, which nobody asked for: what is a few bytes on
            the way may be more than all memory here.
    """
    failures = list[Exception]()
    async with _client(request, settings) as client:
        sent = client.build_request(
            request.method,
            request.url,
            headers={"Accept-Encoding": "identity", **authorised(request)},
            content=request.body if content is None else _watched(content, failures),
        )
        opening = asyncio.timeout(timeout)
        try:
            async with opening:
                response = await client.send(sent, stream=True)
        except (httpx2.TransportError, TimeoutError) as error:
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
    response: httpx2.Response, settings: Settings, deliver: Callable[[bytes], None]
) -> None:
    """Hand on a body in the pieces it comes in. What `deliver` raises goes through as it is.

    Raises:
        Stalled: if it was silent for too long.
        ConnectionLost: if it broke off.
    """
    async with aclosing(response.aiter_raw()) as body:
        while True:
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
    said = bytearray()

    def take(piece: bytes) -> None:
        said.extend(piece)
        if len(said) > _SHOWN:
            raise _Enough

    if "content-encoding" not in response.headers:
        with suppress(_Enough, TimeoutError, RemoteError):
            async with asyncio.timeout(settings.open_timeout):
                await read(response, settings, take)
    after = retry_after(response.headers.get("retry-after"))
    return refusal(response.status_code, shown(said), retry_after=after)


class _Enough(Exception):
    pass


def shown(body: bytes | bytearray | None) -> str:
    """Return the beginning of a body as text."""
    return (body or b"")[:_SHOWN].decode("utf-8", "replace").strip()


def _client(request: Request, settings: Settings) -> httpx2.AsyncClient:
    here = settings.guard(request.url)
    try:
        return httpx2.AsyncClient(
            verify=settings.tls if request.url.startswith("https:") else _no_tls(),
            timeout=httpx2.Timeout(settings.idle_timeout, connect=settings.open_timeout),
            trust_env=not here,
        )
    except (ImportError, ValueError) as error:
        raise OptionError(f"the environment names a proxy that cannot be used: {error}") from None


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
    refused = isinstance(error.__cause__ or error.__context__, ssl.SSLCertVerificationError)
    return ConnectFailed(_said(error), transient=not refused)


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
    return min(max(seconds, 0.0), _RETRY_CAP)
