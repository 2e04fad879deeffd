"""How what is watched is reached: the same options, whatever it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..models import ABSENT, Update
from ..sources import Feed, Realtime, Token, inngest, trigger
from ..transports import Settings
from .named import Named

__all__ = ["Reach"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which server, what it is shown, and how often it is tried.

    Attributes:
        url: None where the environment says it.
        token: None likewise.
        max_attempts: how many may fail in a row; None is forever.
    """

    url: str | None
    token: Token | None
    settings: Settings
    reconnect: bool = True
    max_attempts: int | None = None

    def named(self, named: Named) -> Realtime[Any]:
        """Return what was named, whichever engine it is of."""
        if named.is_run:
            return self.run(named.name)
        return self.channel(named.name, named.topics, run_id=named.run_id, sse=False)

    def channel(
        self, channel: str, topics: tuple[str, ...], *, run_id: str | None, sse: bool
    ) -> Realtime[Any]:
        """Return topics of a channel of Inngest; the token names both where there are no topics."""
        lifecycle = run_id and inngest.run(run_id, api_base_url=self.url, settings=self.settings)
        return inngest.realtime(
            channel if topics else ABSENT,
            topics,
            token=self.token,
            lifecycle=lifecycle or None,
            reconnect=self.reconnect,
            max_attempts=self.max_attempts,
            api_base_url=self.url,
            transport="sse" if sse else "websocket",
            settings=self.settings,
        )

    def run(self, run_id: str, *, streams: bool = False) -> Realtime[Any]:
        """Return a run of Trigger.dev; with all that it streams, if that is wanted."""
        return trigger.realtime(
            run_id,
            with_streams=streams,
            token=self.token,
            reconnect=self.reconnect,
            max_attempts=self.max_attempts,
            api_base_url=self.url,
            settings=self.settings,
        )

    def runs(self, tags: tuple[str, ...], batch_id: str | None) -> Feed[Update]:
        """Return the runs of Trigger.dev that have all these tags, or those of a batch."""
        return trigger.subscribe(
            tags=tags or None,
            batch_id=batch_id,
            token=self.token,
            reconnect=self.reconnect,
            max_attempts=self.max_attempts,
            api_base_url=self.url,
            settings=self.settings,
        )
