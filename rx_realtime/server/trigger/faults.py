"""Misbehaviour on demand: what feeds do on their bad days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.responses import Response

from ...wire.trigger.encode import Message
from .asked import Asked
from .fates import Fate, Rotated, Said, Silent, refused
from .handles import Handles
from .keys import Keys
from .stream_faults import StreamFaults

__all__ = ["TriggerFaults"]


@dataclass(slots=True)
class _Planned:
    fate: Fate
    times: int
    live: bool | None


@dataclass(slots=True)
class _Refusal:
    status: int
    times: int
    retry_after: int | str | None
    path: str | None
    live: bool | None


@dataclass(slots=True)
class _Altered:
    """What is different about the next answers that are otherwise right."""

    omitted: list[frozenset[str]] = field(default_factory=list[frozenset[str]])
    stale: int = 0
    injected: list[Message] = field(default_factory=list[Message])


class TriggerFaults:
    """What goes wrong next. Faults of the same sort come in the order they were asked for.

    Where `live` is given, only live polls are meant, or only the others.

    Attributes:
        streams: what goes wrong with streams.
    """

    def __init__(self, handles: Handles, keys: Keys, wake: Callable[[], None]) -> None:
        self._handles = handles
        self._keys = keys
        self._wake = wake
        self._refusals: list[_Refusal] = []
        self._planned: list[_Planned] = []
        self._altered = _Altered()
        self.streams = StreamFaults()

    def refuse(
        self,
        status: int,
        *,
        times: int = 1,
        retry_after: int | str | None = None,
        path: str | None = None,
        live: bool | None = None,
    ) -> None:
        """Answer the next requests with an HTTP error, in the vendor's words.

        Args:
            retry_after: seconds or an HTTP date, for the header of that name.
            path: which requests; by default those to feeds.
        """
        self._refusals.append(_Refusal(status, times, retry_after, path, live))

    def rotate(self, *, times: int = 1, names_it: bool = True, body: bytes | None = None) -> None:
        """Answer the next requests to feeds with 409, as Electric does when it rotates a shape.

        Args:
            names_it: tell the new handle.
            body: instead of the message that says to fetch everything again.
        """
        self._plan(Rotated(names_it, body), times, None)

    def stall(self, *, times: int = 1, live: bool | None = None) -> None:
        """Answer the next requests to feeds not at all."""
        self._plan(Silent(), times, live)

    def say(
        self,
        body: bytes,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        times: int = 1,
        live: bool | None = None,
    ) -> None:
        """Answer the next requests to feeds with this: a login page, a 204, half of something."""
        named = {"content-type": "application/json", **(headers or {})}
        self._plan(Said(body, status, named), times, live)

    def omit(self, *headers: str, times: int = 1) -> None:
        """Leave headers out of the next answers of feeds, as a proxy does."""
        self._altered.omitted += [frozenset(map(str.lower, headers))] * times

    def stale(self, *, times: int = 1) -> None:
        """Give the next answers of feeds as a cache would that kept old ones.

        Every row is as it was before its latest change, and who has just been told that a handle
        expired gets that handle again. Live polls are answered at once.
        """
        self._altered.stale += times

    def inject(self, *messages: Message) -> None:
        """Put messages into the next answer of a feed: deletes, partial rows, unknown controls."""
        self._altered.injected += messages
        self._wake()

    def evict(self) -> None:
        """Forget all shapes: whoever follows one is told to fetch it again."""
        self._handles.evict()
        self._wake()

    def expire_tokens(self) -> None:
        """Let every token that was shown to the server until now be expired."""
        self._keys.expire_shown()

    def clear(self) -> None:
        """Forget what was to go wrong next."""
        self._refusals.clear()
        self._planned.clear()
        self._altered = _Altered()
        self.streams.clear()

    @property
    def is_clear(self) -> bool:
        """Whether nothing is to go wrong next."""
        is_clear = self.streams.is_clear and self._altered == _Altered()
        return is_clear and not (self._refusals or self._planned)

    # ── for the server ────────────────────────────────────────────────────────────────────────

    def refusal(self, path: str, *, live: bool | None) -> Response | None:
        """Return the error that is to answer a request, if one is. `live` is None off feeds."""
        for planned in self._refusals:
            meant = live is not None if planned.path is None else path == planned.path
            if meant and planned.live in (None, live):
                planned.times -= 1
                if planned.times <= 0:
                    self._refusals.remove(planned)
                return refused(planned.status, planned.retry_after, is_feed=live is not None)
        return None

    def fate(self, asked: Asked) -> Fate | None:
        """Return what happens to this request instead of an answer, if anything does."""
        for planned in self._planned:
            if planned.live in (None, asked.is_live):
                planned.times -= 1
                if planned.times <= 0:
                    self._planned.remove(planned)
                return planned.fate
        return None

    @property
    def is_impatient(self) -> bool:
        """Whether a live poll is to be answered although nothing happened."""
        return bool(self._altered.injected) or self._altered.stale > 0

    def is_stale(self) -> bool:
        """Whether this answer is an old one."""
        self._altered.stale -= 1
        if self._altered.stale < 0:
            self._altered.stale = 0
            return False
        return True

    def injected(self) -> list[Message]:
        """Return the messages that this answer has besides its own."""
        messages, self._altered.injected = self._altered.injected, []
        return messages

    def omitted(self) -> frozenset[str]:
        """Return the headers that this answer does not have."""
        return self._altered.omitted.pop(0) if self._altered.omitted else frozenset()

    def _plan(self, fate: Fate, times: int, live: bool | None) -> None:
        self._planned.append(_Planned(fate, times, live))
