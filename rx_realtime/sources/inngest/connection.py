"""From a channel to updates: the walk of one frame, as one pipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace
from reactivex import Observable
from tenacity.stop import stop_after_attempt, stop_base, stop_never

from ...models import (
    Closed,
    Connecting,
    Draining,
    Failed,
    Invalid,
    Opened,
    Raw,
    SubscriptionToken,
    Topic,
    Unrecognised,
    Update,
)
from ...operators import Wait, deferred, handover, reconnect, refreshed, resumed
from ...transports import Settings, sse, websocket
from ...wire import Request, SseWire
from ...wire.inngest import InngestWire
from ..retrying import opens, retrying

__all__ = ["Carrier", "Retries", "Transport", "updates_of"]

#: A transport by name, or anything that opens a request and delivers `Opened` and then frames.
Transport: TypeAlias = Literal["websocket", "sse"] | Callable[[Request], Observable[Opened | bytes]]


class Retries(Struct, frozen=True):
    """Whether and how a broken connection comes back.

    Attributes:
        wait: the waits; as a function it is asked before each, so that they may change.
        max_attempts: how many attempts may fail in a row; None is forever.
    """

    reconnect: bool
    wait: Wait | Callable[[], Wait]
    max_attempts: int | None = None

    @property
    def stop(self) -> stop_base:
        """When to give up."""
        return stop_never if self.max_attempts is None else stop_after_attempt(self.max_attempts)


class Carrier(Struct, frozen=True):
    """What carries the frames."""

    transport: Transport
    settings: Settings

    def settled(self, settings: Settings) -> Carrier:
        """Return it with other settings; itself, where they are the same."""
        return self if settings is self.settings else replace(self, settings=settings)

    def open(self, request: Request) -> Observable[Opened | bytes]:
        """Open a request."""
        match self.transport:
            case "websocket":
                return websocket(request, self.settings)
            case "sse":
                return sse(request, self.settings)
            case connect:
                return connect(request)


def updates_of(
    channel: str | None,
    topics: Mapping[str, Topic[Any] | None],
    tokens: Observable[SubscriptionToken],
    *,
    base_url: str,
    base_url_wins: bool,
    validate: bool,
    carrier: Carrier,
    retries: Retries,
) -> Observable[Update]:
    """Listen to some topics of a channel, for as long as it is subscribed to.

    It ends only with an error that no attempt can heal.
    """
    plain = InngestWire(base_url, channel, topics, validate, base_url_wins)

    def walk(_: object) -> Observable[Update]:
        if carrier.transport == "sse":
            wire = SseWire(
                InngestWire(base_url, channel, topics, validate, base_url_wins, sse=True)
            )
            updates = resumed(wire, carrier.open)(tokens)
        else:
            updates = resumed(plain, carrier.open)(tokens)
        if not retries.reconnect:
            return updates.pipe(refreshed())
        return updates.pipe(
            refreshed(),
            handover(),
            reconnect(
                retries.wait,
                stop=retries.stop,
                proves=_proves,
                opens=opens,
                announce=retrying,
            ),
        )

    return deferred(walk)


def _proves(update: Update) -> bool:
    """A message proves that a connection works; that it opened, or that it failed, does not."""
    return not isinstance(
        update,
        Connecting | Opened | Closed | Failed | Draining | Raw | Invalid | Unrecognised,
    )
