"""What is still to be said to one subscriber: a queue with an end to it.

Nobody waits for a slow subscriber: `put` never blocks. Its queue is bounded in messages and in
bytes, and the one who lets it overflow is sent away.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from websockets import frames

__all__ = ["Frame", "Goodbye", "Outbox"]


@dataclass(slots=True)
class Frame:
    """Something to say. `raw` bytes are no envelope: server-sent events carry them unframed."""

    data: bytes
    raw: bool = False
    _on_websocket: bytes = field(default=b"", init=False, repr=False, compare=False)

    @property
    def on_websocket(self) -> bytes:
        """The bytes of its websocket frame; made once, however many subscribers it has."""
        if not self._on_websocket:
            frame = frames.Frame(frames.Opcode.TEXT, self.data)
            self._on_websocket = frame.serialize(mask=False)
        return self._on_websocket


@dataclass(frozen=True, slots=True)
class Goodbye:
    """Why and how a connection ends; without a code it just breaks off."""

    code: int | None
    reason: str = ""


class Outbox:
    """Frames in the order they are to be sent, then perhaps a goodbye.

    Args:
        max_messages: how many frames may wait.
        max_bytes: how many bytes all waiting frames may have.
    """

    def __init__(self, *, max_messages: int, max_bytes: int) -> None:
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        self._goodbye: Goodbye | None = None
        self._changed = asyncio.Event()
        self._cut_off = asyncio.Event()
        self._is_stalled = False
        self._notify: Callable[[], None] = self._changed.set

    def put(self, frame: Frame) -> None:
        """Say this next. After a goodbye it is dropped; where there is no room, all is."""
        if self._goodbye is not None:
            return
        self._frames.append(frame)
        self._bytes += len(frame.data)
        if len(self._frames) > self._max_messages or self._bytes > self._max_bytes:
            waiting = f"{len(self._frames)} messages, {self._bytes} bytes waiting"
            self.cut_off(Goodbye(1013, f"too slow: {waiting}"))
        else:
            self._notify()

    def finish(self, goodbye: Goodbye) -> None:
        """End the connection once everything is said."""
        self._goodbye = self._goodbye or goodbye
        self._notify()

    def cut_off(self, goodbye: Goodbye) -> None:
        """End the connection now; what was not said will not be."""
        self._frames.clear()
        self._goodbye = goodbye
        self._cut_off.set()
        self._notify()

    def stall(self) -> None:
        """Say nothing any more, as if the line were dead. There is no way back."""
        self._is_stalled = True
        self._notify()

    @property
    def waiting(self) -> int:
        """How many frames were not taken yet."""
        return len(self._frames)

    @property
    def is_stalled(self) -> bool:
        """Whether nothing is said any more."""
        return self._is_stalled

    @property
    def parting(self) -> Goodbye | None:
        """The goodbye, once nothing is to be said before it."""
        is_due = not self._frames and not self._is_stalled
        return self._goodbye if is_due or self._cut_off.is_set() else None

    def watch(self, notify: Callable[[], None]) -> None:
        """Have this called whenever something changed; then nobody is woken in `get`."""
        self._notify = notify

    def take(self, size: int) -> list[Frame]:
        """Return what to say next, if anything: frames until they have `size` bytes or more."""
        taken: list[Frame] = []
        while size > 0 and (frame := self._next()) is not None:
            taken.append(frame)
            size -= len(frame.data)
        return taken

    async def get(self) -> Frame | Goodbye:
        """Return what to say next; waits for it."""
        while (said := self._next() or self.parting) is None:
            self._changed.clear()
            await self._changed.wait()
        return said

    async def until_cut_off(self) -> Goodbye:
        """Wait until the connection is to end at once, whatever is being said."""
        await self._cut_off.wait()
        assert self._goodbye is not None
        return self._goodbye

    def _next(self) -> Frame | None:
        if self._is_stalled or not self._frames:
            return None
        frame = self._frames.popleft()
        self._bytes -= len(frame.data)
        return frame
