"""A `Realtime` on drawn sockets, and its views.

A letter means one thing on every line: `o = open` is an opening on a socket and a status on
`connection`, `t = completed` is what the server says of the run and what `run` shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as ops

import rx_realtime as rxr
from rx_realtime.models import (
    Draining,
    Gap,
    Invalid,
    Opened,
    Retrying,
    RunChanged,
    Update,
)
from rx_realtime.wire import Request

T = TypeVar("T")

CHANNEL = "pipeline:1"

# ── what is seen ──────────────────────────────────────────────────────────────────────────────

idle = rxr.ConnectionStatus.IDLE
connecting = rxr.ConnectionStatus.CONNECTING
open = rxr.ConnectionStatus.OPEN  # noqa: A001  (the status has this name)
paused = rxr.ConnectionStatus.PAUSED
closed = rxr.ConnectionStatus.CLOSED
error = rxr.ConnectionStatus.ERROR
unknown = rxr.RunStatus.UNKNOWN
running = rxr.RunStatus.RUNNING
completed = rxr.RunStatus.COMPLETED
failed = rxr.RunStatus.FAILED
cancelled = rxr.RunStatus.CANCELLED
disabled = rxr.PauseReason.DISABLED
hidden = rxr.PauseReason.HIDDEN

# ── errors ────────────────────────────────────────────────────────────────────────────────────

lost = rxr.ConnectionLost(1006)
going_away = rxr.ConnectionLost(1001)
try_later = rxr.ConnectionLost(1013)
policy = rxr.ConnectionLost(1008)
no_server = rxr.ConnectFailed("nobody listens")
busy = rxr.Refused(429, "too many", retry_after=3.0)
not_authorized = rxr.NotAuthorized(401)
forbidden = rxr.Forbidden(403)
too_large = rxr.FrameTooLarge(8)
bug = ZeroDivisionError("a bug")
never_asked: Observable[Any] = rx.throw(bug)
factory_raised = rxr.TokenFactoryError("the token factory raised ZeroDivisionError")
factory_slow = rxr.TokenFactoryError("the token factory took longer than 10 s")
no_token = rxr.TokenError(
    "a token is a string, a mapping with a 'key', or a SubscriptionToken, not int"
)
negative_interval = rxr.OptionError("a duration is a number of seconds or a timedelta, not -1.0")
negative_limit = rxr.OptionError("a history limit is None or at least 0, not -1")

# ── what the server says ──────────────────────────────────────────────────────────────────────

draining = "closing"


def _frame(said: Any) -> Opened | bytes:
    """Turn a letter on a socket's line into what a transport delivers."""
    envelope: dict[str, Any] = {"channel": CHANNEL, "topic": "status", "kind": "data"}
    match said:
        case rxr.ConnectionStatus():
            return Opened()
        case rxr.RunStatus():
            envelope |= {"kind": "run", "topic": "$run", "data": {"status": said}}
        case "closing":
            envelope |= {"kind": "closing", "data": ""}
        case dict():
            envelope |= said
        case _:
            envelope["data"] = said
    return json.dumps(envelope).encode()


class Says:
    """An envelope for each name that is asked of it."""

    def __init__(self, make: Callable[[str], dict[str, Any]]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> dict[str, Any]:
        return self._make(name)


token_message = Says(lambda data: {"topic": "tokens", "data": data})
other_channel = Says(lambda data: {"channel": "pipeline:2", "data": data})
completed_with = Says(
    lambda result: {
        "kind": "run",
        "topic": "$run",
        "data": {"status": "completed", "result": result},
    }
)
failed_with_output = {"kind": "run", "data": {"status": "failed", "output": "nothing"}}
completed_with_output = {"kind": "run", "data": {"state": "SUCCESS", "output": "done"}}
no_object = {"kind": "run", "data": "completed"}
other_run = {"kind": "run", "channel": "pipeline:2", "data": {"status": "failed"}}
odd_word = {"kind": "run", "topic": "$run", "data": {"status": "daydreaming"}}
unheard_of = {"kind": "telegram", "data": "stop"}

# ── what is done ──────────────────────────────────────────────────────────────────────────────


class Views:
    """What a subscriber may look at, as texts and named values."""

    def __init__(self, rt: rxr.Realtime[Any], resets: Observable[object]) -> None:
        def reset(_: object) -> None:
            rt.reset()

        self._rt = rt
        self._resets: Observable[Any] = resets.pipe(
            ops.do_action(reset), ops.ignore_elements(), ops.share()
        )
        self.connection = self._view(rt.connection_status)
        self.run = self._view(rt.run_status)
        self.pause_reason = self._view(rt.pause_reason)
        self.is_paused = self._view(rt.is_paused)
        self.result = self._view(rt.result)
        self.error = self._view(rt.error)
        self.all = self._messages(lambda seen: _text(seen.all))
        self.last = self._messages(lambda seen: _text([seen.last] if seen.last else []))
        self.delta = self._messages(lambda seen: _text(seen.delta))
        self.by_topic = self._messages(lambda seen: _text(list(seen.by_topic.values())))
        self.status = self._view(rt.on("status").pipe(ops.map(_data)))
        self.tokens = self._view(rt.on("tokens").pipe(ops.map(_data)))
        self.gaps = self._events(Gap, lambda gap: gap.reason)
        self.retries = self._events(Retrying, lambda told: (told.attempt, told.wait))
        self.drains = self._events(Draining, lambda _: draining)
        self.invalid = self._events(Invalid, lambda told: told.topic)

    def _view(self, seen: Observable[T]) -> Observable[T]:
        """Look, and carry out the resets that are drawn, once for all who look."""

        def subscribe(
            observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            resetting = self._resets.subscribe(scheduler=scheduler)
            looking = seen.pipe(ops.finally_action(resetting.dispose))
            return looking.subscribe(observer, scheduler=scheduler)

        return rx.create(subscribe)

    def _messages(self, text: Callable[[rxr.Messages], str]) -> Observable[str]:
        return self._view(self._rt.messages.pipe(ops.map(text), ops.distinct_until_changed()))

    def _events(self, kind: type[Any], text: Callable[[Any], Any]) -> Observable[Any]:
        def is_of_the_kind(update: Update) -> bool:
            return isinstance(update, kind)

        return self._view(self._rt.events.pipe(ops.filter(is_of_the_kind), ops.map(text)))


def _data(message: rxr.Message[Any]) -> Any:
    return message.data


def _text(messages: Sequence[rxr.Message[Any]]) -> str:
    return "".join(str(message.data) for message in messages)


numbers = [rxr.Topic(int, name="status")]
result_of_number = int
_never: Observable[Any] = rx.never()


def realtime(
    socket: Observable[Any] = _never,
    *,
    token: Any = "key",
    channel: Any = CHANNEL,
    topics: Any = ("status", "tokens"),
    wait: Sequence[float] = (2.0, 2.0, 2.0),
    resets: Observable[object] = _never,
    reset_at: float | None = None,
    lifecycle: Observable[rxr.RunStatus] | None = None,
    scheduler: abc.SchedulerBase,
    **options: Any,
) -> Views:
    """Listen to drawn sockets.

    Each attempt subscribes to `socket`, and to `token` first where that is a line as well: the
    answer of a factory.
    """

    def transport(_: Request) -> Observable[Opened | bytes]:
        return socket.pipe(ops.map(_frame))

    def factory() -> Any:
        return token

    rt: rxr.Realtime[Any] = rxr.inngest.realtime(
        channel,
        topics,
        token=factory if isinstance(token, Observable) else token,
        wait=wait,
        lifecycle=None if lifecycle is None else lifecycle.pipe(ops.flat_map(_settling)),
        api_base_url="http://localhost:8288",
        transport=transport,
        scheduler=scheduler,
        **options,
    )
    if reset_at is not None:  # when nobody looks, and so nobody listens to `resets`
        scheduler.schedule_absolute(reset_at, lambda *_: rt.reset())
    return Views(rt, resets)


def realtime_with_tokens(
    socket: Observable[Any], given: Observable[str], scheduler: abc.SchedulerBase
) -> Views:
    """Tokens that are given, and change, where `token=given` would be a factory's answer."""
    rt: rxr.Realtime[Any] = rxr.inngest.realtime(
        CHANNEL,
        ["status"],
        token=given,
        api_base_url="http://localhost:8288",
        transport=lambda _: socket.pipe(ops.map(_frame)),
        scheduler=scheduler,
    )
    return Views(rt, _never)


def _settling(status: rxr.RunStatus) -> Observable[RunChanged]:
    # The last messages are given half a second after the end is told: here it is a whole tick.
    said = RunChanged(status, result="done" if status is completed else rxr.updates.ABSENT)
    told = rx.timer(0.5) if status.is_terminal else rx.of(0)
    return told.pipe(ops.map(lambda _: said))
