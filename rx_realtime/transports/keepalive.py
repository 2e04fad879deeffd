"""Pings, for a connection that sends none by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .settings import Settings

__all__ = ["Keepalive"]


class Keepalive:
    """Pings a peer again and again, each time once it has answered.

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
        self._wait(self._settings.ping_interval, self._ask)

    def stop(self) -> None:
        """Leave no timer behind."""
        if self._timer is not None:
            self._timer.cancel()

    def _ask(self) -> None:
        self._ping()
        self._wait(self._settings.pong_timeout, self._give_up)

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        self.stop()
        self._timer = asyncio.get_running_loop().call_later(seconds, then)
