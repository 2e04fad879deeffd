"""Misbehaviour on demand: what streams do on their bad days."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from ...wire.trigger.encode_streams import encode_failure
from .fates import refused
from .stream_body import StreamBody

__all__ = ["StreamFaults"]

_NO_MATTER_WHICH: Final = ("GET", "PUT", "POST", "HEAD")


@dataclass(slots=True)
class _Refusal:
    status: int
    retry_after: int | str | None
    methods: tuple[str, ...]
    times: int


class StreamFaults:
    """What goes wrong next with streams, and what can go wrong now.

    Faults of the same sort come in the order they were asked for: each befalls one connection.
    """

    def __init__(self) -> None:
        self._refusals: list[_Refusal] = []
        self._readers: deque[Callable[[StreamBody], None]] = deque()
        self._writers: deque[Callable[[StreamBody], None]] = deque()
        self._open: set[StreamBody] = set()

    def refuse(
        self,
        status: int,
        *,
        times: int = 1,
        retry_after: int | str | None = None,
        method: str | None = None,
    ) -> None:
        """Answer the next requests about streams with an HTTP error, in the vendor's words.

        Args:
            retry_after: seconds or an HTTP date, for the header of that name.
            method: GET reads; PUT, POST and HEAD write. By default any.
        """
        methods = _NO_MATTER_WHICH if method is None else (method,)
        self._refusals.append(_Refusal(status, retry_after, methods, times))

    def drop_next(self, *, times: int = 1, after: int = 0) -> None:
        """Answer the next readers, and break off after so many bytes of the body.

        In the middle of a record, if that is where they end.
        """

        def fate(body: StreamBody) -> None:
            body.left = after

        self._readers.extend([fate] * times)

    def stall_next(self, *, times: int = 1) -> None:
        """Answer the next readers, and say nothing ever after: no record, no ping, no end."""

        def fate(body: StreamBody) -> None:
            body.is_stalled = True

        self._readers.extend([fate] * times)

    def repeat_next(self, count: int, *, times: int = 1) -> None:
        """Tell the next readers so many records once more that they have already."""

        def fate(body: StreamBody) -> None:
            body.position = max(0, body.position - count)

        self._readers.extend([fate] * times)

    def cut_next_write(self, *, times: int = 1, after: int = 0) -> None:
        """Store so many lines that the next writers send, and break off."""

        def fate(body: StreamBody) -> None:
            body.left = after

        self._writers.extend([fate] * times)

    def lose_next_answer(self, *, times: int = 1) -> None:
        """Store all that the next writers send, and break off without telling them."""

        def fate(body: StreamBody) -> None:
            body.is_unanswered = True

        self._writers.extend([fate] * times)

    def drop(self) -> None:
        """Break off every connection that reads or writes now. Nothing that is stored is lost."""
        for body in self._open:
            body.cut_off()

    def stall(self) -> None:
        """Say nothing any more to anybody who reads now."""
        for body in self._open:
            body.is_stalled = True

    def fail(self, text: str = "the store is not there") -> None:
        """Say an event `error` to everybody who reads now, in the newer dialect."""
        for body in self._open:
            body.injected.append(encode_failure(text))
            body.bell.ring()

    def clear(self) -> None:
        """Forget what was to go wrong next."""
        self._refusals.clear()
        self._readers.clear()
        self._writers.clear()

    @property
    def is_clear(self) -> bool:
        """Whether nothing is to go wrong next."""
        return not (self._refusals or self._readers or self._writers)

    # ── for the server ────────────────────────────────────────────────────────────────────────

    def refusal(self, method: str) -> Response | None:
        """Return the error that is to answer a request, if one is."""
        for refusal in self._refusals:
            if method in refusal.methods:
                refusal.times -= 1
                if refusal.times <= 0:
                    self._refusals.remove(refusal)
                return refused(refusal.status, refusal.retry_after, is_feed=True)
        return None

    @contextmanager
    def befalling(self, body: StreamBody) -> Generator[None]:
        """Let happen to a connection what is to happen, while the block runs."""
        fates = self._readers if body.direction == "read" else self._writers
        if fates:
            fates.popleft()(body)
        self._open.add(body)
        try:
            yield
        finally:
            self._open.discard(body)
