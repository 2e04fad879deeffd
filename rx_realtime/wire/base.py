"""The one idea: a wire is a value.

A wire understands one engine's dialect and knows no sockets. It says what to ask for (`open`)
and what an answer means (`receive`), and each time returns the wire to go on with. So resuming
is re-opening the last wire: the position is inside the value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, Self, TypeVar
from urllib.parse import quote

from msgspec import Struct, field
from msgspec.structs import replace
from pydantic import SecretStr

from ..models import SubscriptionToken, Update
from ..models.reticent import Reticent

__all__ = ["Opening", "Request", "Response", "Step", "Wire"]

In_contra = TypeVar("In_contra", contravariant=True)
W_co = TypeVar("W_co", covariant=True)


class Request(Struct, frozen=True):
    """What a transport is to ask for. Its token shows as stars wherever it is printed.

    Attributes:
        url: an absolute URL.
        url_secret: the part of the URL that may not be shown, where its protocol puts one there.
        token: sent as `Authorization: Bearer …`.
        token_parameter: the query parameter that may carry the token instead, once the server
            has refused the header; None where the header is the only way.
        timeout: seconds until the answer is there, where the protocol says how long it may take.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None
    token: SecretStr | None = None
    token_parameter: str | None = None
    url_secret: SecretStr | None = None
    timeout: float | None = None

    def with_token_in_url(self) -> Request | None:
        """Return the request whose URL carries the token; None where that is no way."""
        if self.token is None or self.token_parameter is None:
            return None
        secret = SecretStr(quote(self.token.get_secret_value(), safe=""))
        url = f"{self.url}?{self.token_parameter}={secret.get_secret_value()}"
        return replace(self, url=url, token=None, url_secret=secret)

    @property
    def shown_url(self) -> str:
        """The URL as it may be printed."""
        if self.url_secret is None:
            return self.url
        return self.url.replace(self.url_secret.get_secret_value(), str(self.url_secret))

    def __repr__(self) -> str:
        return f"Request({self.method} {self.shown_url}, token={self.token!r})"


class Response(Reticent, frozen=True):
    """What came back from a request that was answered whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    _unshown: ClassVar = ("body",)


class Opening(NamedTuple, Generic[W_co]):
    """The wire to listen with, and what to ask for."""

    wire: W_co
    request: Request


class Step(Struct, Generic[W_co], frozen=True, gc=False):
    """The wire to go on with, and what happened. It can be taken apart as a pair can."""

    wire: W_co
    updates: tuple[Update, ...]

    def __iter__(self) -> Iterator[Any]:
        return iter((self.wire, self.updates))


class Wire(Protocol[In_contra]):
    """A dialect. The token is an argument and never state, so nothing can leak it."""

    def open(self, token: SubscriptionToken) -> Opening[Self]:
        """Begin to listen, or go on where the wire stands.

        Raises:
            TokenError: if the token does not say enough.
        """
        ...

    def receive(self, got: In_contra) -> Step[Self]:
        """Understand one frame. Never raises on anything a peer may send.

        Where the frame ends the connection, the last update is a `Closed` that says why, and the
        wire is the one to begin the next connection with.
        """
        ...
