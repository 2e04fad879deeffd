"""What the letters and the calls in the operators' pictures mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as rx_ops
from tenacity.stop import stop_after_attempt

from rx_realtime import ops
from rx_realtime.errors import (
    ConnectFailed,
    ConnectionLost,
    Forbidden,
    Incomplete,
    NotAuthorized,
    OptionError,
    PayloadError,
    Refused,
    Stalled,
    TokenError,
)
from rx_realtime.models import (
    ByTopic,
    CaughtUp,
    Chunk,
    Closed,
    Connecting,
    Delivered,
    Draining,
    Failed,
    Gap,
    History,
    Idle,
    Invalid,
    Limited,
    Message,
    Opened,
    Paused,
    PauseReason,
    RealtimeState,
    Received,
    Reset,
    Run,
    RunChanged,
    RunStatus,
    StreamClosed,
    StreamOpened,
    SubscriptionToken,
    Update,
)
from rx_realtime.wire import Opening, Request, Step

Operator = Callable[[Observable[Any]], Observable[Any]]


class Spelled:
    """A value for each name that is asked of it: `status.a` is the message a on that topic."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        return self._make(name)


# ── errors ────────────────────────────────────────────────────────────────────────────────────

lost = ConnectionLost(1006)
try_later = ConnectionLost(1013)
no_server = ConnectFailed("nobody listens")
busy = Refused(429, "too many", retry_after=3.0)
not_authorized = NotAuthorized(401)
forbidden = Forbidden(403)
stalled = Stalled(3)
stalled_4 = Stalled(4)
slept = Stalled(62.0, "this machine to wake up")
unknown_x = KeyError("x")
ended = ConnectionLost(reason="it ended")
no_topics = TokenError(
    "the token names no channel and topics, and `channel` and `topics` were not given"
)
negative = OptionError("a buffer interval is at least 0 s, not -1.0")
bug = ZeroDivisionError("a bug")

# ── updates ───────────────────────────────────────────────────────────────────────────────────

idle = Idle()
connecting = Connecting()
opened = Opened()
closed = Closed(lost)
over = Closed()
caught_up = CaughtUp()
stalled_off = Closed(stalled)
failed = Failed(no_server)
refused = Failed(not_authorized)
never_allowed = Failed(forbidden)
draining = Draining()
disabled = Paused(PauseReason.DISABLED)
hidden = Paused(PauseReason.HIDDEN)
reset = Reset()
invalid = Invalid("no number", "status")
limited = Limited(1)
queued = RunChanged()
running = RunChanged(RunStatus.RUNNING)
completed = RunChanged(RunStatus.COMPLETED, result=42)
because_disabled = PauseReason.DISABLED
because_hidden = PauseReason.HIDDEN


def _message(data: str, topic: str = "status") -> Message[str]:
    return Message("pipeline:1", topic, data)


def _gap(name: str) -> Gap:
    reason, since, until = name.split("_")
    return Gap(
        reason, datetime.fromtimestamp(int(since), UTC), datetime.fromtimestamp(int(until), UTC)
    )


def _last(letters: str) -> ByTopic:
    topics = ("status", "tokens")
    pairs = zip(topics, letters.split("_"), strict=False)
    return ByTopic({topic: _message(letter, topic) for topic, letter in pairs if letter})


message = Spelled(_message)
token_message = Spelled(lambda letter: _message(letter, "tokens"))
status = Spelled(lambda letter: Received(_message(letter)))
tokens = Spelled(lambda letter: Received(_message(letter, "tokens")))
pending = Spelled(lambda letter: Received(_message(letter), pending=True))
delivered = Spelled(lambda letters: Delivered(tuple(map(_message, letters))))
kept = Spelled(History)
nothing_kept: History[str] = History()
last = Spelled(_last)  # `last.a_b`: a on the topic status, b on tokens
gap = Spelled(_gap)
begins = Spelled(lambda name: StreamOpened(name, "pipeline:1", name.rstrip("12")))
ends = Spelled(lambda name: StreamClosed(name, name.rstrip("12")))


def _run(metadata: object) -> Run:
    created_at = datetime.fromtimestamp(0, UTC)
    return Run(
        id="run_1",
        task_identifier="job",
        status="EXECUTING",
        created_at=created_at,
        metadata=metadata,
    )


def _run_at(percentage: object) -> Run:
    return _run({"progress": {"percentage": percentage, "steps": ["a", "b"]}})


run_at_1, run_at_2, run_at_yes, run_at_none = map(_run_at, (1, 2, True, None))
run_without = _run(None)
told_at_2 = RunChanged(RunStatus.RUNNING, data=run_at_2)
known_at_1 = run_at_1.metadata


def _chunk(name: str) -> Chunk:
    stream, _, data = name.partition("_")
    return Chunk(stream, stream.rstrip("12"), data)


chunk = Spelled(_chunk)

# ── what operators are given ──────────────────────────────────────────────────────────────────

two_attempts = stop_after_attempt(2)


def is_open(value: object) -> bool:
    return isinstance(value, Opened)


def is_message(value: object) -> bool:
    return isinstance(value, Received)


def is_forbidden(error: BaseException) -> bool:
    return isinstance(error, Forbidden)


def is_capital(value: str) -> bool:
    return value.isupper()


def is_same_letter(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def raises(*_: object) -> Any:
    raise bug


def attempt_and_wait(attempt: int, wait: float, _: Exception) -> Any:
    return (attempt, wait)


def three_seconds() -> list[float]:
    return [3.0]


def paused(reason: PauseReason) -> Update:
    return Paused(reason)


no_json = PayloadError("a line is no JSON: key must be a string at line 1 column 2")


def length(text: str) -> int:
    return len(text)


# ── operators that are given more than a picture can say ──────────────────────────────────────


def states() -> Operator:
    """The states, as text: connection, run, and what is in `all`."""

    def shown(state: RealtimeState[Any]) -> str:
        messages = "".join(message.data for message in state.messages.all)
        return f"{state.connection_status} {state.run_status} {messages}".strip()

    return lambda source: source.pipe(ops.states(), rx_ops.map(shown))


def datastreams(topic: str | None = None) -> Operator:
    """The datastreams, as text: when each begins, its chunks, and how it ends."""

    def told(stream: ops.Datastream) -> Observable[str]:
        def subscribe(
            observer: abc.ObserverBase[str], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            name = stream.stream_id

            def last(said: str) -> None:
                observer.on_next(f"{name} {said}")
                observer.on_completed()

            def on_error(error: Exception) -> None:
                assert isinstance(error, Incomplete)
                last("broke off")

            observer.on_next(f"{name} begins")
            return stream.chunks.subscribe(
                lambda data: observer.on_next(f"{name} {data}"), on_error, lambda: last("ends")
            )

        return rx.create(subscribe)

    return lambda updates: updates.pipe(ops.datastreams(topic), rx_ops.flat_map(told))


def restarted(
    *,
    is_same: Callable[[str, str], bool] = str.__eq__,
    resets: Observable[object] | None = None,
    **lines: Observable[Any],
) -> Operator:
    """Listens to the line whose name is the letter that came."""

    def project(letter: str) -> Observable[Any]:
        return lines[letter.lower()]

    return ops.restarted(project, is_same=is_same, resets=resets)


@dataclass(frozen=True)
class Counting:
    """A wire that knows how many frames it has received, on all of its connections."""

    count: int = 0

    def open(self, token: SubscriptionToken) -> Opening[Self]:
        return Opening(self, Request("ws://here", token=token.completed(None, ()).key))

    def receive(self, got: str) -> Step[Counting]:
        match got:
            case "nothing new":
                return Step(self, (CaughtUp(),))
            case "nonsense":
                return Step(self, (Closed(lost),))
            case _:
                places = enumerate(got, self.count + 1)
                said = (RunChanged(run_id=each, data=place) for place, each in places)
                return Step(Counting(self.count + len(got)), tuple(said))


def _counted(name: str) -> RunChanged:
    return RunChanged(run_id=name[0], data=int(name[1:]))


def _together(names: str) -> tuple[Update, ...]:
    return tuple(globals().get(name) or _counted(name) for name in names.split("_and_"))


counted = Spelled(_counted)
together = Spelled(_together)
full_token = SubscriptionToken.parse({"key": "k", "channel": "c", "topics": ["t"]})
bare_token = SubscriptionToken.parse("k")
not_enough = Failed(no_topics)
cannot_be_understood = Failed(lost)
broken_off = Closed(ended)


def resumed(socket: Observable[Any], *, then: Operator = lambda source: source) -> Operator:
    """Opens the socket with each token."""

    def connect(_: Request) -> Observable[Any]:
        return socket

    wire: Any = Counting()
    return lambda tokens: tokens.pipe(ops.resumed(wire, connect), then)


def refuses(_: Request) -> Any:
    raise forbidden


def resumed_where_connecting_is_refused() -> Operator:
    wire: Any = Counting()
    return ops.resumed(wire, refuses)


def polled(
    answer: Observable[Any],
    *,
    then: Operator = lambda source: source,
    rested: Callable[[Any], Any] = lambda wire: wire,
) -> Operator:
    """Asks with each token, and is answered."""

    wire: Any = Counting()
    asks = rx.just(_answering(answer))
    return lambda tokens: tokens.pipe(ops.polled(wire, asks, rested=rested), then)


def answered(answer: Observable[Any]) -> Operator:
    """Asks with each token, and is answered."""
    wire: Any = Counting()
    return ops.answered(wire, rx.just(_answering(answer)))


def _answering(answer: Observable[Any]) -> Callable[[Request], Observable[Any]]:
    return lambda _: answer


def from_the_beginning(_: Counting) -> Counting:
    return Counting()


def _is_no_news(update: Update) -> bool:
    return not isinstance(update, CaughtUp)


only_news: Operator = rx_ops.filter(_is_no_news)


def woken(asleep: list[float], *, scheduler: abc.SchedulerBase) -> Operator:
    """On a machine that falls asleep at a tick, for some seconds that no timer sees."""
    begins, seconds = asleep

    def wall() -> float:
        now = scheduler.now.timestamp()
        return now + seconds if now >= begins else now

    return ops.woken(wall=wall)


def refreshed(*, then: Operator = lambda source: source) -> Operator:
    """Another operator may follow."""
    return lambda source: source.pipe(ops.refreshed(), then)


def while_active_on(source: Observable[Any], pauses: Observable[Any]) -> Observable[Any]:
    """The operator on a source that is not drawn."""
    return source.pipe(ops.while_active(pauses))


once_more: Operator = rx_ops.retry(2)
nothing_to_open: Observable[Any] = rx.throw(bug)


class OneRaises:
    """A shared line with two subscribers, one of which raises at a letter."""

    def __init__(self, shared: Observable[str], at: str) -> None:
        self.calm = shared
        self.hasty = rx.create(self._subscribe)
        self._at = at

    def _subscribe(
        self, observer: abc.ObserverBase[str], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        def on_next(letter: str) -> None:
            if letter == self._at:
                raise bug
            observer.on_next(letter)

        return self.calm.subscribe(
            on_next, observer.on_error, observer.on_completed, scheduler=scheduler
        )


def shared_with_one_that_raises(at: str) -> Callable[[Observable[str]], OneRaises]:
    return lambda source: OneRaises(source.pipe(ops.shared()), at)


def to_marbles(**options: Any) -> Operator:
    """The drawings, of which only the line itself is kept."""

    def line(drawing: str) -> str:
        return drawing.split("run")[1].split(maxsplit=1)[0]

    return lambda source: source.pipe(ops.to_marbles(**options), rx_ops.map(line))
