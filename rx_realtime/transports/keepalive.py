"""Pings, for a connection that sends none by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from .settings import Settings

__all__ = ["Keepalive"]

_BEATS: Final = 60  # in an interval: a quarter of a second each, where that is 15 s


class Keepalive:
    """Pings a peer again and again, each time once it has answered.

    Pings go out on a beat that all connections share, at most one beat early: waking up costs
    more than a ping, so many connections wake up together.

    Args:
        settings: how long it is left in peace, and how long it may take.
        ping: sends a ping.
        give_up: called where no pong came.
    """

    __slots__ = ("_give_up", "_ping", "_settings", "_timer")

    def __init__(
        self, settings: Settings, ping: Callable[[], None], give_up: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._ping = ping
        self._give_up = give_up
        self._timer: asyncio.TimerHandle | None = None

    def rest(self) -> None:
        """Begin, or go on: a pong came."""
        interval = self._settings.ping_interval
        due = asyncio.get_running_loop().time() + interval
        self._wait(due - due % (interval / _BEATS), self._ask)

    def stop(self) -> None:
        """Leave no timer behind."""
        if self._timer is not None:
            self._timer.cancel()

    def _ask(self) -> None:
        self._ping()
        late = asyncio.get_running_loop().time() + self._settings.pong_timeout
        self._wait(late, self._give_up)

    def _wait(self, until: float, then: Callable[[], None]) -> None:
        self.stop()
        self._timer = asyncio.get_running_loop().call_at(until, then)
