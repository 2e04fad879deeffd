"""Sending a request over HTTP, up to where its answer begins."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import httpx2

from ..errors import ConnectFailed, OptionError, RealtimeError, Stalled, WireError
from ..wire import Request
from .redact import redacting
from .settings import Settings

__all__ = ["authorised", "connections", "streamed"]

redacting("httpx2")  # it writes whole URLs at the level INFO


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
            handshake = _handshake(sent) if sent.url.scheme == "https" else nullcontext()
            async with opening, handshake:
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


def authorised(request: Request) -> dict[str, str]:
    """Return the headers of a request, its token among them."""
    if request.token is None:
        return dict(request.headers)
    return {**request.headers, "Authorization": f"Bearer {request.token.get_secret_value()}"}


def _no_tls() -> ssl.SSLContext:
    """Spare plain connections the loading of certificates; it verifies nothing it never sees."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


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
    return ConnectFailed(str(error) or type(error).__name__, transient=not is_final)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
