"""The dev server: starts, stops, and says where it is."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Collection

from pydantic import SecretStr
from reactivex import abc

from ..errors import OptionError
from ..wire.inngest.address import is_loopback
from .app import create_app
from .door import LOOPBACK_HOSTS
from .inngest import Inngest, inngest_routes
from .options import Limits
from .seen import Seen
from .serving import Embedded, listen
from .threads import Threaded
from .trigger import Trigger, TriggerLimits, trigger_routes

__all__ = ["DevServer"]

_REMEMBERED = 1000


class DevServer(Threaded):
    """A realtime server for development, demos and tests, on one port of this machine.

    In an event loop: `async with DevServer() as server:`. In a program without one, where it runs
    in a thread of its own: `with DevServer() as server:`, and `server.call(…)` for all that is to
    happen there. Its `app` is an ASGI application that can also be mounted in another one.

    Args:
        port: 0 takes any free port.
        host: an address of this machine; one that others can reach needs `allow_remote` and a
            `signing_key`.
        origins: web pages that may call the server besides those on this machine, as
            `https://example.com`.
        grace: how many seconds subscribers are given to leave when the server stops.

    Those that begin with `trigger` are the arguments of `Trigger`, the others those of `Inngest`.

    Raises:
        OptionError: if the options do not go together.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        allow_remote: bool = False,
        origins: Collection[str] = (),
        grace: float = 0.0,
        secret: SecretStr | str | None = None,
        signing_key: SecretStr | str | None = None,
        event_key: SecretStr | str | None = None,
        emit_run_frames: bool = True,
        plain_streams: bool = False,
        limits: Limits | None = None,
        trigger_secret_key: SecretStr | str | None = None,
        trigger_additional_keys: Collection[SecretStr | str] = (),
        trigger_limits: TriggerLimits | None = None,
        trigger_scheduler: abc.SchedulerBase | None = None,
    ) -> None:
        self._address = host, port
        if not is_loopback(self.url):
            if not (allow_remote and signing_key):
                raise OptionError(
                    f"{host} can be reached by others: allow_remote and a signing_key"
                )
            # Nobody who does not know of it may open this side with the key that everybody knows.
            trigger_secret_key = trigger_secret_key or f"tr_dev_{secrets.token_urlsafe(24)}"
        self.inngest = Inngest(
            secret=secret,
            signing_key=signing_key,
            event_key=event_key,
            emit_run_frames=emit_run_frames,
            plain_streams=plain_streams,
            limits=limits,
        )
        self.trigger = Trigger(
            secret_key=trigger_secret_key,
            additional_keys=trigger_additional_keys,
            limits=trigger_limits,
            scheduler=trigger_scheduler,
        )
        self.faults = self.inngest.faults
        self.requests: deque[Seen] = deque(maxlen=_REMEMBERED)
        self.app = create_app(
            [*inngest_routes(self.inngest), *trigger_routes(self.trigger)],
            faults=self.faults,
            hosts=None if allow_remote else LOOPBACK_HOSTS,
            origins=origins,
            seen=self.requests,
        )
        self._grace = grace
        self._running: tuple[Embedded, asyncio.Task[None]] | None = None

    @property
    def port(self) -> int:
        """Where it listens; with port 0 only known once it does."""
        return self._address[1]

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self) -> None:
        """Listen.

        Raises:
            OptionError: if the port is taken.
        """
        host, port = self._address
        try:
            listener = listen(host, port)
        except OSError as error:
            raise OptionError(f"cannot listen on {self.url}: {error.strerror}") from error
        self._address = host, listener.getsockname()[1]
        self.trigger.reopen()
        server = Embedded(self.app, patience=self.inngest.limits.close_timeout)
        self._running = server, asyncio.create_task(server.serve(sockets=[listener]))

    async def stop(self, *, grace: float | None = None) -> None:
        """Tell subscribers, serve them for some seconds more, then close with 1001 and stop.

        Args:
            grace: how many seconds; those given to the constructor by default. It is over as soon
                as everybody left.
        """
        if self._running is None:
            return
        (server, serving), self._running = self._running, None
        await self.inngest.drain(self._grace if grace is None else grace)
        await self.trigger.drain()
        server.stop()
        await serving
