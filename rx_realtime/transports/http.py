"""HTTP: one request, one answer."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
from reactivex import Observable

from ..errors import ConnectFailed, ConnectionLost, FrameTooLarge, Stalled
from ..wire import Request, Response
from .redact import redacting
from .settings import Settings
from .task import from_task

__all__ = ["authorised", "exchange", "retry_after", "streamed"]

_RETRY_CAP = 3600.0

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
        settings: times and limits.
        content: a body that is sent piece by piece while it comes, instead of `request.body`.

    Errors:
        OptionError, ConnectFailed, ConnectionLost, FrameTooLarge.
    """

    async def run(deliver: Callable[[Response], None]) -> None:
        async with streamed(request, settings, content=content) as response:
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > settings.max_size:
                    raise FrameTooLarge(settings.max_size)
        deliver(Response(response.status_code, dict(response.headers), bytes(body)))

    return from_task(run)


@asynccontextmanager
async def streamed(
    request: Request, settings: Settings, *, content: AsyncIterator[bytes] | None = None
) -> AsyncGenerator[httpx2.Response]:
    """Send a request; its answer's body is still to be read. Redirects are not followed.

    Raises:
        ConnectFailed: if no answer came.
        ConnectionLost: if it broke off.
        Stalled: if it was silent for too long.
    """
    here = settings.guard(request.url)
    headers = authorised(request)
    timeout = httpx2.Timeout(settings.open_timeout, read=settings.idle_timeout, write=None)
    opened = False
    try:
        async with (
            httpx2.AsyncClient(
                verify=settings.tls if request.url.startswith("https:") else _no_tls(),
                timeout=timeout,
                trust_env=not here,
            ) as client,
            client.stream(
                request.method, request.url, headers=headers, content=content or request.body
            ) as response,
        ):
            opened = True
            yield response
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        why = str(error) or type(error).__name__
        if opened and isinstance(error, httpx2.ReadTimeout):
            raise Stalled(settings.idle_timeout) from None
        if opened:
            raise ConnectionLost(reason=why) from None
        cause = error.__cause__ or error.__context__
        verified = not isinstance(cause, ssl.SSLCertVerificationError)
        raise ConnectFailed(why, transient=verified) from None


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
