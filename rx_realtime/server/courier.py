"""From outboxes to websockets: what waits is delivered once in each turn of the event loop."""

from __future__ import annotations

import asyncio
from typing import Final

from .link import Link
from .outbox import Goodbye, Outbox

__all__ = ["Courier", "Rounds"]

#: Bytes after which the websocket is asked again whether it takes more.
_LOAD: Final = 64 * 1024


class Courier:
    """Brings what waits in an outbox to its websocket, and waits for nobody.

    It has no task of its own: to wake one for each message and subscriber costs more than to send.
    What the websocket does not take now stays in the outbox, until there is room or too much.

    Attributes:
        parted: done when nothing more is to be said, with the goodbye.
    """

    def __init__(self, outbox: Outbox, link: Link, rounds: Rounds) -> None:
        self.parted: asyncio.Future[Goodbye] = asyncio.get_running_loop().create_future()
        self._outbox = outbox
        self._link = link
        self._rounds = rounds
        outbox.watch(self._call)
        link.watch(self._call)
        self._call()

    def deliver(self) -> None:
        """Send as much as the websocket takes."""
        if self._outbox.is_stalled:
            self._link.freeze()
        while self._link.is_writable and (frames := self._outbox.take(_LOAD)):
            self._link.write(b"".join([frame.on_websocket for frame in frames]))
        goodbye = self._outbox.parting
        if goodbye is not None and not self.parted.done():
            self.parted.set_result(goodbye)

    def _call(self) -> None:
        self._rounds.add(self)


class Rounds:
    """Sends couriers out in the next turn of the event loop, once each, however often called.

    They share one callback, and whatever is published in one turn costs one system call for each
    subscriber.
    """

    def __init__(self) -> None:
        self._due: dict[Courier, None] = {}

    def add(self, courier: Courier) -> None:
        """Have a courier deliver soon."""
        if not self._due:
            asyncio.get_running_loop().call_soon(self._go)
        self._due[courier] = None

    def _go(self) -> None:
        due, self._due = self._due, {}
        for courier in due:
            courier.deliver()
