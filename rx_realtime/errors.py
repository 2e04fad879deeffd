"""What can go wrong, as one tree.

    RealtimeError
    ├── LocalError               you erred: trying again changes nothing
    │   ├── OptionError          an argument cannot be used
    │   ├── TokenError           what the token factory gave cannot be used as a token
    │   ├── PayloadError         a payload does not fit its topic or the server's limit
    │   ├── Overflowed           a bounded buffer was full and its policy is "error"
    │   └── Unfinished           a value was awaited that never came
    ├── TokenFactoryError        your token factory raised, or took too long
    └── RemoteError              they erred
        ├── ConnectFailed        no connection could be opened
        ├── ConnectionLost       an open connection broke off; carries close code and reason
        ├── Incomplete           a datastream broke off before its end
        ├── Stalled              the peer was silent for too long
        ├── FrameTooLarge        the peer sent more than our limit
        ├── WireError            the peer said something its protocol does not allow
        └── Refused              the server answered with an HTTP error; carries status and body
            ├── NotAuthorized    401: the token or key is not accepted
            ├── Forbidden        403: accepted, but not for this
            └── NotFound         404: there is no such thing (yet)

Errors carry data and build their sentence in `__str__`. None of them ever holds a token.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "ConnectFailed",
    "ConnectionLost",
    "Forbidden",
    "FrameTooLarge",
    "Incomplete",
    "LocalError",
    "NotAuthorized",
    "NotFound",
    "OptionError",
    "Overflowed",
    "PayloadError",
    "RealtimeError",
    "Refused",
    "RemoteError",
    "Stalled",
    "TokenError",
    "TokenFactoryError",
    "Unfinished",
    "WireError",
    "is_retryable",
    "least_wait",
    "refusal",
]


class RealtimeError(Exception):
    """Every error that this library raises on purpose."""


class LocalError(RealtimeError):
    """You erred: the same call will fail the same way."""


class OptionError(LocalError, ValueError):
    """An argument has a value that cannot be used."""


class TokenError(LocalError):
    """What was given as a token cannot be used as one."""


class PayloadError(LocalError, ValueError):
    """A payload does not fit its topic's model or the server's size limit. Nothing was sent."""


class Overflowed(LocalError):
    """A bounded buffer was full, and its overflow policy is `error`."""

    def __init__(self, buffer: int) -> None:
        super().__init__(buffer)
        self.buffer = buffer

    def __str__(self) -> str:
        return (
            f"the reader fell {self.buffer} values behind; read faster, raise `buffer`, "
            "or choose another `overflow` policy"
        )


class Unfinished(LocalError):
    """A value was awaited from an observable that ended without one, or did not give it in time."""


class TokenFactoryError(RealtimeError):
    """Your token factory raised, or did not answer in time. Its own error is the `__cause__`."""


class RemoteError(RealtimeError):
    """They erred: the server, or the way to it."""


class ConnectFailed(RemoteError):
    """No connection could be opened: the name, the network, TLS, the proxy or the handshake failed.

    Args:
        why: what failed, in the words of the layer that failed.
        transient: whether the same attempt may succeed later. A certificate that cannot be
            verified stays so.
    """

    def __init__(self, why: str, *, transient: bool = True) -> None:
        super().__init__(why)
        self.why = why
        self.transient = transient

    def __str__(self) -> str:
        return f"no connection: {self.why}"


class ConnectionLost(RemoteError):
    """An open connection broke off before anybody proved that the work was over.

    Args:
        code: the websocket close code; 1006 when the peer vanished without a close frame,
            None where the transport has no codes.
        reason: the peer's text, which may be empty.
        is_clean: the peer said that this was all for now; it did not vanish.
    """

    TRY_LATER: ClassVar[int] = 1013
    #: Codes by which a peer says that coming back will not help (RFC 6455 section 7.4.1, and the
    #: private codes by which common servers say "not authorised").
    FINAL_CODES: ClassVar[frozenset[int]] = frozenset(
        {1002, 1003, 1007, 1008, 1010, 4001, 4003, 4401, 4403}
    )

    def __init__(
        self, code: int | None = None, reason: str = "", *, is_clean: bool = False
    ) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason
        self.is_clean = is_clean

    def __str__(self) -> str:
        code = "" if self.code is None else f" with code {self.code}"
        reason = f" ({self.reason!r})" if self.reason else ""
        return f"the connection was lost{code}{reason}"


class Incomplete(RemoteError):
    """A datastream broke off before its end: what came of it is not all of it."""

    def __init__(self, stream_id: str) -> None:
        super().__init__(stream_id)
        self.stream_id = stream_id

    def __str__(self) -> str:
        return f"the datastream {self.stream_id!r:.80} broke off before its end"


class Stalled(RemoteError):
    """The peer was silent for longer than it may be.

    Args:
        seconds: how long we waited.
        waiting_for: what did not come.
    """

    def __init__(self, seconds: float, waiting_for: str = "anything from the server") -> None:
        super().__init__(seconds, waiting_for)
        self.seconds = seconds
        self.waiting_for = waiting_for

    def __str__(self) -> str:
        return f"waited {self.seconds:g} s for {self.waiting_for}"


class FrameTooLarge(RemoteError):
    """The peer sent more than `limit` bytes at once.

    The same message would come again, so nothing reconnects on its own: raise `max_size`.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"the server sent more than {self.limit} bytes at once; `max_size` raises the limit"


class WireError(RemoteError):
    """The peer's answer is not what its protocol says, for example a login page instead of JSON."""


class Refused(RemoteError):
    """The server answered with an HTTP error.

    Args:
        status: the HTTP status.
        detail: what the server said, shortened.
        retry_after: the least number of seconds the server asks us to wait, if it does.
        should_retry: whether the server says that the same may succeed later, if it does.
    """

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        retry_after: float | None = None,
        should_retry: bool | None = None,
    ) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.retry_after = retry_after
        self.should_retry = should_retry

    def __str__(self) -> str:
        return f"the server answered {self.status}" + (f": {self.detail}" if self.detail else "")


class NotAuthorized(Refused):
    """401: the token or key is not accepted. A fresh one may be."""


class Forbidden(Refused):
    """403: who we are is accepted; what we ask for is not."""


class NotFound(Refused):
    """404: there is no such thing, or not yet."""


_BY_STATUS: dict[int, type[Refused]] = {401: NotAuthorized, 403: Forbidden, 404: NotFound}
_RETRYABLE_STATUS = frozenset({408, 409, 425, 429})


def refusal(
    status: int,
    detail: str = "",
    *,
    retry_after: float | None = None,
    should_retry: bool | None = None,
) -> Refused:
    """Make the error that stands for an HTTP status."""
    kind = _BY_STATUS.get(status, Refused)
    return kind(status, detail, retry_after=retry_after, should_retry=should_retry)


def is_retryable(error: BaseException) -> bool:
    """Say whether trying the same thing again later may succeed.

    What you did wrong stays wrong, credentials do not heal, and an exception that is not ours is a
    bug, not weather. A 401 is no exception: the one fresh token it is worth is fetched where tokens
    are fetched, not here.
    """
    match error:
        case Refused(should_retry=bool(said)):
            return said
        case Refused():
            return error.status in _RETRYABLE_STATUS or error.status >= 500
        case ConnectionLost():
            return error.code not in ConnectionLost.FINAL_CODES
        case ConnectFailed():
            return error.transient
        case Stalled() | TokenFactoryError():
            return True
        case _:
            return False


def least_wait(error: BaseException) -> float:
    """Return how many seconds the server wants us to stay away, at least."""
    match error:
        case Refused(retry_after=seconds) if seconds is not None:
            return seconds
        case ConnectionLost(code=ConnectionLost.TRY_LATER):
            return 5.0
        case _:
            return 0.0
