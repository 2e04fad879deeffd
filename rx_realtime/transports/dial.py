"""Which library carries a websocket."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ..errors import OptionError
from ..wire import Request
from .connection import Connection
from .settings import Settings
from .websockets_dial import dial as dial_websockets

__all__ = ["dial", "has_fast"]


async def dial(request: Request, settings: Settings) -> Connection:
    """Open a websocket connection. No redirect is followed, and on this machine no proxy asked.

    Args:
        request: what to open; its token travels in the `Authorization` header.
        settings: times and limits, and which library is to do it.

    Raises:
        OptionError: if it may not be opened, or there is no such library.
        ConnectFailed: if no answer came, or one that nobody understands.
        Refused: if the server did not want to; NotAuthorized and others are of that sort.
    """
    if not _is_fast(settings) or _has_proxy(request.url, settings):
        return await dial_websockets(request, settings)
    from .picows_dial import dial as dial_picows  # noqa: PLC0415  (only the extra installs what it imports)

    return await dial_picows(request, settings)


def _is_fast(settings: Settings) -> bool:
    is_fast = settings.websockets != "websockets" and has_fast()
    if settings.websockets == "picows" and not is_fast:
        raise OptionError("picows is not installed as we know it: pip install 'rx-realtime[fast]'")
    return is_fast


@cache
def has_fast() -> bool:
    """Return whether what the extra `[fast]` installs is here, in a version that we know."""
    try:
        version("aiohappyeyeballs")
        return (2, 3) <= tuple(map(int, version("picows").split(".")[:2])) < (3,)
    except PackageNotFoundError:
        return False


def _has_proxy(url: str, settings: Settings) -> bool:
    """Return whether the environment may name a proxy; which one, the other library finds out."""
    if settings.guard(url):
        return False
    parts = urlsplit(url)
    named = getproxies().keys() - {"no"}
    return bool(named) and not proxy_bypass(f"{parts.hostname}:{parts.port or 443}")
