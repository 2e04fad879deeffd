"""What a websocket connection is to its transport, whichever library carries it."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Generator
from contextlib import contextmanager
from typing import Final, Protocol

from websockets.frames import Close

from ..errors import (
    ConnectFailed,
    ConnectionLost,
    FrameTooLarge,
    RealtimeError,
    Stalled,
    WireError,
)
from .settings import Settings

__all__ = ["HEAD_START", "KEEPALIVE", "Connection", "connecting", "why"]

#: Seconds that an address of a host has to answer before the next one is tried (RFC 8305).
HEAD_START: Final = 0.25
#: The reason that goes with 1011 where a pong did not come.
KEEPALIVE: Final = "keepalive ping timeout"
_PROTOCOL_ERROR, _TOO_BIG = 1002, 1009


class Connection(Protocol):
    """A websocket that is open. It answers pings, sends its own, and ends where no pong comes."""

    def messages(self) -> Awaitable[list[bytes]]:
        """Wait for messages, and take those that are there; only so many in one turn.

        Raises:
            ConnectionLost, FrameTooLarge, Stalled, WireError: when there are none left and will
                be none.
        """
        ...

    async def close(self) -> None:
        """Say goodbye with code 1000, and wait for the answer as long as the close timeout."""
        ...

    def abort(self) -> None:
        """End it at once, without a word."""
        ...


@contextmanager
def connecting(settings: Settings) -> Generator[None]:
    """Turn what goes wrong on the way to a server into a `ConnectFailed`."""
    try:
        yield
    except TimeoutError:
        raise ConnectFailed(f"it took longer than {settings.open_timeout:g} s") from None
    except ssl.SSLCertVerificationError as error:
        raise ConnectFailed(error.verify_message, transient=False) from None
    except UnicodeError:  # a host that no name server can be asked for
        raise ConnectFailed("the URL is none for a websocket", transient=False) from None
    except (OSError, EOFError) as error:
        raise ConnectFailed(str(error) or type(error).__name__) from None


def why(ours: Close | None, theirs: Close | None, settings: Settings) -> RealtimeError:
    """Say why a connection ended: what made us give up, or what they said.

    Args:
        ours: the close frame that we sent, unless it answered theirs.
        theirs: the close frame that came, if one did.
        settings: times and limits.
    """
    if ours is not None and ours.code == _TOO_BIG:
        return FrameTooLarge(settings.max_size)
    if ours is not None and ours.reason == KEEPALIVE:
        return Stalled(settings.ping_interval + settings.pong_timeout, "a pong from the server")
    if ours is not None and ours.code == _PROTOCOL_ERROR:
        return WireError(f"the server broke the websocket protocol: {ours.reason}")
    if theirs is None:
        return ConnectionLost(1006)
    return ConnectionLost(theirs.code, theirs.reason)
