"""A `Realtime` under virtual time, on sockets that the test opens, feeds and cuts itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import reactivex as rx
from reactivex import Observable, abc
from reactivex.disposable import Disposable
from reactivex.scheduler import VirtualTimeScheduler

import rx_realtime as rxr
from rx_realtime.models import Opened, Update
from rx_realtime.wire import Request

CHANNEL = "pipeline:1"
TOPICS = ["status", "tokens"]


def frame(data: Any, *, kind: str = "data", **fields: Any) -> bytes:
    """What the server sends: a message on the topic `status`, unless said otherwise."""
    envelope = {"kind": kind, "channel": CHANNEL, "topic": "status", "data": data, **fields}
    return json.dumps(envelope).encode()


def run_frame(**said: Any) -> bytes:
    return frame(said, kind="run", topic="$run")


@dataclass
class Socket:
    """One connection, seen from the server's side."""

    request: Request
    observer: abc.ObserverBase[Opened | bytes]
    is_left: bool = False

    def open(self) -> Socket:
        self.observer.on_next(Opened())
        return self

    def send(self, *frames: bytes) -> Socket:
        for each in frames:
            self.observer.on_next(each)
        return self

    def break_off(self, error: Exception | None = None) -> None:
        self.observer.on_error(error or rxr.ConnectionLost(1006))


@dataclass
class World:
    """Virtual time, the sockets that were asked for, and everything that was seen."""

    clock: VirtualTimeScheduler = field(default_factory=VirtualTimeScheduler)
    sockets: list[Socket] = field(default_factory=list)
    asked: int = 0

    def transport(self, request: Request) -> Observable[Opened | bytes]:
        def subscribe(
            observer: abc.ObserverBase[Opened | bytes], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            socket = Socket(request, observer)
            self.sockets.append(socket)

            def leave() -> None:
                socket.is_left = True

            return Disposable(leave)

        return rx.create(subscribe)

    def token(self) -> str:
        """A factory that counts."""
        self.asked += 1
        return f"key-{self.asked}"

    def realtime(self, **options: Any) -> Seen:
        given: dict[str, Any] = {
            "channel": CHANNEL,
            "topics": TOPICS,
            "token": self.token,
            "transport": self.transport,
            "scheduler": self.clock,
            "api_base_url": "http://localhost:8288",
        }
        return Seen(rxr.inngest.realtime(**{**given, **options}), self)

    def wait(self, seconds: float = 0.0) -> None:
        self.clock.advance_by(seconds + 1e-6)  # what is due now runs in the next moment

    @property
    def socket(self) -> Socket:
        """The latest."""
        return self.sockets[-1]

    @property
    def live(self) -> list[Socket]:
        return [socket for socket in self.sockets if not socket.is_left]


class Seen:
    """A `Realtime` with one subscriber, who writes everything down."""

    def __init__(self, rt: rxr.Realtime[Any], world: World) -> None:
        self.rt = rt
        self.world = world
        self.states: list[rxr.RealtimeState[Any]] = []
        self.events: list[Update] = []
        self.error: Exception | None = None
        self.is_over = False
        self._events: abc.DisposableBase = Disposable()
        self._state = rt.state.subscribe(self.states.append, self._fail, self._finish)
        if self.error is None:  # else this would be another attempt
            self._events = rt.events.subscribe(self.events.append, _ignore)
        world.wait()

    def _fail(self, error: Exception) -> None:
        self.error = error

    def _finish(self) -> None:
        self.is_over = True

    @property
    def now(self) -> rxr.RealtimeState[Any]:
        return self.rt.current

    @property
    def statuses(self) -> list[str]:
        """The connection's statuses, each once when it came."""
        return without_repeats([state.connection_status.value for state in self.states])

    @property
    def all(self) -> list[Any]:
        return [message.data for message in self.now.messages.all]

    @property
    def delta(self) -> list[Any]:
        return [message.data for message in self.now.messages.delta]

    def of(self, kind: type[Any]) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def leave(self) -> None:
        self._events.dispose()
        self._state.dispose()


def without_repeats(values: list[Any]) -> list[Any]:
    return [value for i, value in enumerate(values) if i == 0 or value != values[i - 1]]


def _ignore(_: Exception) -> None:
    pass


def opened(**options: Any) -> tuple[World, Seen]:
    """A world with one open connection."""
    world = World()
    seen = world.realtime(**options)
    world.socket.open()
    return world, seen
