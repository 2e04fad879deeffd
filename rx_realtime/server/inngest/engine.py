"""The Inngest side of the server: what its endpoints share, and what a program may do with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from pydantic import SecretStr

from ...models import Channel, SubscriptionToken, Topic, channel_name, topic_name
from ...wire.inngest.claims import DEV_ENV, TOKEN_LIFETIME, Claims
from ...wire.inngest.envelope import TopicKey, encode_closing
from ..faults import Faults
from ..options import Limits
from ..outbox import Frame, Goodbye
from .functions import Event, F, Functions
from .hub import Hub
from .publisher import Published, Publisher
from .runs import ActedRun
from .store import Runs
from .tokens import Keys, new_ulid

__all__ = ["Inngest"]


class Inngest:
    """An Inngest server whose runs are acted out.

    Use it in the server's event loop. From another thread, go through `DevServer.call`.

    Args:
        secret: signs the tokens; random by default.
        signing_key: applications must show it to mint tokens, to publish and to see runs; by
            default nothing is asked for.
        event_key: applications must show it to send events. Without one any key will do, but none
            will where there is a signing key.
        emit_run_frames: tell subscribers how runs go. The open-source server never does.
        plain_streams: deliver text streams as plain messages, for npm subscribers.
        limits: bounds and beats.
    """

    def __init__(
        self,
        *,
        secret: SecretStr | str | None = None,
        signing_key: SecretStr | str | None = None,
        event_key: SecretStr | str | None = None,
        emit_run_frames: bool = True,
        plain_streams: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self.env = DEV_ENV
        self.limits = limits or Limits()
        self.keys = Keys(_secret(secret), _secret(signing_key), _secret(event_key))
        self.hub = Hub()
        self.publisher = Publisher(self.hub, env=self.env, plain_streams=plain_streams)
        self.runs = Runs(self.publisher, emits=emit_run_frames, limit=self.limits.max_runs)
        self.functions = Functions(self.runs)
        self.faults = Faults(lambda: [each.outbox for each in self.hub.subscribers])
        self.is_draining = False

    # ── tokens ────────────────────────────────────────────────────────────────────────────────

    def subscription_token(
        self,
        channel: Channel | str,
        topics: Iterable[Topic[Any] | str],
        *,
        lifetime: int = TOKEN_LIFETIME,
    ) -> SubscriptionToken:
        """Mint a token that opens some topics of a channel for `lifetime` seconds."""
        name, names = channel_name(channel), tuple(map(topic_name, topics))
        keys = tuple(TopicKey(name, topic, env_id=self.env) for topic in names)
        jwt = self.keys.mint(Claims(self.env, keys), lifetime=lifetime)
        return SubscriptionToken(SecretStr(jwt), name, names)

    def publish_token(self, *, lifetime: int = TOKEN_LIFETIME) -> SecretStr:
        """Mint a token with which anybody may publish, on any topic, for `lifetime` seconds."""
        return SecretStr(self.keys.mint(Claims(self.env, publish=True), lifetime=lifetime))

    # ── runs ──────────────────────────────────────────────────────────────────────────────────

    def start_run(
        self,
        function: str = "demo",
        *,
        channel: Channel | str | None = None,
        event_id: str | None = None,
    ) -> ActedRun:
        """Start a run that does nothing until told.

        Args:
            channel: where it says how it stands, and publishes by default.
            event_id: the event that started it; a new one by default.

        Raises:
            LocalError: if there are too many runs that are not over yet.
        """
        run = self.runs.create(function, event_id=event_id or new_ulid())
        if channel is not None:
            run.channel(channel)
        run.start()
        return run

    def function(self, event: str, *, name: str | None = None) -> Callable[[F], F]:
        """Start the decorated coroutine function whenever this event comes in.

        It is called with its `ActedRun` and the `Event`. What it returns completes the run, what
        it raises fails it; a run that is cancelled over REST has it cancelled.
        """

        def decorate(function: F) -> F:
            self.functions.add(event, name or str(getattr(function, "__name__", event)), function)
            return function

        return decorate

    def receive_event(self, name: str, data: Any = None) -> Event:
        """Take in an event, as if an application had sent it.

        Raises:
            LocalError: if there are too many runs that are not over yet.
        """
        event = Event(new_ulid(), name, data)
        self.functions.start(event)
        return event

    def send_raw(self, channel: Channel | str, frame: str | bytes) -> None:
        """Send one text frame to everyone on a channel, be it an envelope, be it even UTF-8."""
        data = frame.encode() if isinstance(frame, str) else frame
        self.hub.publish_to_channel(self.env, channel_name(channel), Frame(data, raw=True))

    # ── what is going on ──────────────────────────────────────────────────────────────────────

    @property
    def connections(self) -> int:
        """How many subscribers are connected."""
        return len(self.hub.subscribers)

    @property
    def published(self) -> tuple[Published, ...]:
        """The latest messages that were published, oldest first."""
        return tuple(self.publisher.log)

    async def until_connections(self, count: int) -> None:
        """Wait until exactly so many subscribers are connected."""
        await self.hub.until(lambda: self.connections == count)

    # ── the end ───────────────────────────────────────────────────────────────────────────────

    def announce_closing(self) -> None:
        """Tell every subscriber that the server will close soon. It goes on as before."""
        self.hub.broadcast(Frame(encode_closing()))

    async def drain(self, grace: float) -> None:
        """Let nobody in any more; go on for `grace` seconds, then close what is left with 1001."""
        self.is_draining = True
        try:
            self.announce_closing()
            with suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self.until_connections(0)
            await self.functions.stop()
            for subscriber in self.hub.subscribers:
                if subscriber.outbox.is_stalled:
                    subscriber.outbox.cut_off(Goodbye(None))
                subscriber.outbox.finish(Goodbye(1001, "the server is closing"))
            # Who does not read it in time is cut off.
            with suppress(TimeoutError):
                async with asyncio.timeout(self.limits.close_timeout):
                    await self.until_connections(0)
            for subscriber in self.hub.subscribers:
                subscriber.outbox.cut_off(Goodbye(None))
            await self.until_connections(0)
        finally:
            self.is_draining = False


def _secret(given: SecretStr | str | None) -> SecretStr | None:
    return SecretStr(given) if isinstance(given, str) else given
