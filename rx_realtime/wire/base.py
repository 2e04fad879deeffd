"""The one idea: a wire is a value.

A wire understands one engine's dialect and knows no sockets. It says what to ask for (`open`)
and what an answer means (`receive`), and each time returns the wire to go on with. So resuming
is re-opening the last wire: the position is inside the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

from pydantic import SecretStr

from ..models import SubscriptionToken, Update

__all__ = ["Opening", "Request", "Response", "Step", "Wire"]

In_contra = TypeVar("In_contra", contravariant=True)
W_co = TypeVar("W_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Request:
    """What a transport is to ask for. Its token shows as stars wherever it is printed.

    Attributes:
        url: an absolute URL without any secret in it.
        token: sent as `Authorization: Bearer …`.
        token_parameter: the query parameter that may carry the token instead, once the server
            has refused the header; None where the header is the only way.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = field(default=None, repr=False)
    token: SecretStr | None = None
    token_parameter: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What came back from a request that was answered whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Opening(NamedTuple, Generic[W_co]):
    """The wire to listen with, and what to ask for."""

    wire: W_co
    request: Request


class Step(NamedTuple, Generic[W_co]):
    """The wire to go on with, and what happened."""

    wire: W_co
    updates: tuple[Update, ...]


class Wire(Protocol[In_contra]):
    """A dialect. The token is an argument and never state, so nothing can leak it."""

    def open(self, token: SubscriptionToken) -> Opening[Self]:
        """Begin to listen, or go on where the wire stands.

        Raises:
            TokenError: if the token does not say enough.
        """
        ...

    def receive(self, got: In_contra) -> Step[Self]:
        """Understand one frame. Never raises on anything a peer may send."""
        ...
