"""Misbehaviour on demand: what a network and a server do on their bad days."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..wire.inngest.address import CONNECT_PATH, SSE_PATH
from .answers import error
from .outbox import Goodbye, Outbox
from .seen import path_of

__all__ = ["FaultGate", "Faults"]


@dataclass(slots=True)
class _Refusal:
    paths: tuple[str, ...]
    status: int
    headers: dict[str, str]
    times: int


class Faults:
    """What goes wrong next, and what can go wrong now.

    Faults of the same sort come in the order they were asked for. Where nothing was, nothing
    goes wrong.

    Args:
        live: returns the outboxes of all who are connected.
    """

    def __init__(self, live: Callable[[], Iterable[Outbox]]) -> None:
        self._live = live
        self._refusals: list[_Refusal] = []
        self._fates: deque[Goodbye | None] = deque()

    def refuse(
        self,
        status: int,
        *,
        times: int = 1,
        retry_after: int | str | None = None,
        path: str | None = None,
    ) -> None:
        """Answer the next requests with an HTTP error, before anything else looks at them.

        Args:
            retry_after: seconds or an HTTP date, for the header of that name.
            path: which requests; by default those of subscribers, by either transport.
        """
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        paths = (CONNECT_PATH, SSE_PATH) if path is None else (path,)
        self._refusals.append(_Refusal(paths, status, headers, times))

    def drop_next(self, *, times: int = 1, code: int | None = None, reason: str = "") -> None:
        """Accept the next subscribers and drop them at once; as `drop` does."""
        self._fates.extend([Goodbye(code, reason)] * times)

    def stall_next(self, *, times: int = 1) -> None:
        """Accept the next subscribers, and be dead to them ever after; as `stall`."""
        self._fates.extend([None] * times)

    def drop(self, code: int | None = None, reason: str = "") -> None:
        """Close every connection now; without a code they break off, with no close frame.

        Server-sent events know neither: they end.
        """
        for outbox in self._live():
            outbox.cut_off(Goodbye(code, reason))

    def stall(self) -> None:
        """Say nothing any more on any connection that is open now, and read nothing from it.

        Not even pings are answered, and nobody notices here when the other side leaves: `drop`
        ends it, and so does the server when it stops.
        """
        for outbox in self._live():
            outbox.stall()

    def clear(self) -> None:
        """Forget what was to go wrong next."""
        self._refusals.clear()
        self._fates.clear()

    def befall(self, outbox: Outbox) -> None:
        """Let happen to a new connection what is to happen next."""
        if not self._fates:
            return
        fate = self._fates.popleft()
        if fate is None:
            outbox.stall()
        else:
            outbox.cut_off(fate)

    def answer(self, path: str) -> Response | None:
        """Return the error that is to answer a request, if one is."""
        for refusal in self._refusals:
            if path in refusal.paths:
                refusal.times -= 1
                if refusal.times <= 0:
                    self._refusals.remove(refusal)
                return error("Refused on demand", refusal.status, refusal.headers)
        return None


class FaultGate:
    """ASGI middleware that gives the answers which `Faults` asks for."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a fault, or pass the request on."""
        refusal = None if scope["type"] == "lifespan" else self._faults.answer(path_of(scope))
        await (refusal or self._app)(scope, receive, send)
