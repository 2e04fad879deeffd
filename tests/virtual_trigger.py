"""Feeds of runs under virtual time: questions that the test sees, and answers itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

import reactivex as rx
from reactivex import Observable, abc
from reactivex.disposable import Disposable
from reactivex.scheduler import VirtualTimeScheduler

import rx_realtime as rxr
from rx_realtime.models import Run, Update
from rx_realtime.wire import Request, Response
from rx_realtime.wire.shape import Column, Row, Schema, decode_row
from rx_realtime.wire.trigger.rows import decode_row as decode_run_row
from tests.wire.shape.scripts import MUST_REFETCH, UP_TO_DATE, answer, bare

__all__ = [
    "MUST_REFETCH",
    "RUN",
    "SCHEMA",
    "UP_TO_DATE",
    "Question",
    "Seen",
    "World",
    "answer",
    "as_row",
    "as_run",
    "bare",
    "changed",
    "done",
    "row",
    "rows",
]

T = TypeVar("T")

RUN = "run_1"
TEXT = {"type": "text"}
SCHEMA: dict[str, Any] = {
    "id": TEXT,
    "taskIdentifier": TEXT,
    "createdAt": {"type": "timestamp"},
    "updatedAt": {"type": "timestamp"},
    "completedAt": {"type": "timestamp"},
    "friendlyId": TEXT,
    "number": {"type": "int4"},
    "isTest": {"type": "bool"},
    "status": TEXT,
    "usageDurationMs": {"type": "int4"},
    "costInCents": {"type": "float8"},
    "payload": TEXT,
    "payloadType": TEXT,
    "metadata": TEXT,
    "metadataType": TEXT,
    "output": TEXT,
    "outputType": TEXT,
    "runTags": {"type": "text", "dims": 1},
    "error": {"type": "jsonb"},
    "realtimeStreams": {"type": "text", "dims": 1},
}

_COLUMNS = Schema.of({name: Column(**column) for name, column in SCHEMA.items()})


def as_run(values: Mapping[str, Any]) -> Run:
    """Read the values of a row as a run."""
    return decode_run_row(as_row(values))


def as_row(values: Mapping[str, Any]) -> Row:
    """Read the values of a row."""
    return decode_row(values, _COLUMNS)[0]


def row(
    run_id: str = RUN,
    status: str = "EXECUTING",
    *,
    at: int = 0,
    operation: str = "insert",
    without: Iterable[str] = (),
    **columns: Any,
) -> dict[str, Any]:
    """A change of a run, whole unless columns are left out; `at` is the second of its update."""
    values = {
        "id": f"internal-{run_id}",
        "taskIdentifier": "demo",
        "createdAt": "2026-06-06T10:00:00.000",
        "updatedAt": f"2026-06-06T10:{at // 60:02}:{at % 60:02}.000",
        "completedAt": None,
        "friendlyId": run_id,
        "number": "1",
        "isTest": "f",
        "status": status,
        "usageDurationMs": "0",
        "costInCents": "0",
        "payload": None,
        "payloadType": "application/json",
        "metadata": None,
        "metadataType": "application/json",
        "output": None,
        "outputType": "application/json",
        "runTags": None,
        "error": None,
        "realtimeStreams": "{}",
        **columns,
    }
    kept = {name: value for name, value in values.items() if name not in set(without)}
    return changed(run_id, operation, **kept)


def changed(run_id: str, operation: str, **columns: Any) -> dict[str, Any]:
    """A change with only these columns."""
    key = f'"public"."TaskRun"/"internal-{run_id}"'
    return {"key": key, "value": columns, "headers": {"operation": operation}}


def rows(*messages: Any, up_to_date: bool = True, **marks: Any) -> Response:
    """An answer about runs, as Trigger's own server gives it."""
    given = {"schema": SCHEMA, **marks}
    return answer(*messages, *([UP_TO_DATE] if up_to_date else []), **given)


def done(at: int = 9, **columns: Any) -> dict[str, Any]:
    """A run that has come to its end."""
    completed = f"2026-06-06T10:00:{at:02}.000"
    return row(status="COMPLETED_SUCCESSFULLY", at=at, completedAt=completed, **columns)


@dataclass
class Question:
    """One request, seen from the server's side."""

    request: Request
    observer: abc.ObserverBase[Response]
    at: float
    is_left: bool = False

    @property
    def params(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.request.url).query, keep_blank_values=True))

    @property
    def is_live(self) -> bool:
        return self.params.get("live") == "true"

    @property
    def token(self) -> str:
        assert self.request.token is not None
        return self.request.token.get_secret_value()

    def answer(self, response: Response) -> None:
        self.observer.on_next(response)
        self.observer.on_completed()

    def break_off(self, error: Exception | None = None) -> None:
        self.observer.on_error(error or rxr.ConnectionLost(reason="reset"))


@dataclass
class World:
    """Virtual time, the questions that were asked, and a server that answers by itself or not."""

    clock: VirtualTimeScheduler = field(default_factory=VirtualTimeScheduler)
    questions: list[Question] = field(default_factory=list)
    asked: int = 0
    server: Callable[[Question], Response | Exception | None] | None = None
    latency: float = 0.01

    def ask(self, request: Request) -> Observable[Response]:
        def subscribe(
            observer: abc.ObserverBase[Response], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            question = Question(request, observer, self.now)
            self.questions.append(question)
            if self.server is not None:
                self.clock.schedule_relative(self.latency, lambda *_: self._serve(question))

            def leave() -> None:
                question.is_left = True

            return Disposable(leave)

        return rx.create(subscribe)

    def _serve(self, question: Question) -> None:
        assert self.server is not None
        said = None if question.is_left else self.server(question)
        if isinstance(said, Response):
            question.answer(said)
        elif said is not None:
            question.break_off(said)

    def token(self) -> str:
        """A factory that counts."""
        self.asked += 1
        return f"key-{self.asked}"

    @property
    def options(self) -> dict[str, Any]:
        return {
            "token": self.token, "transport": self.ask, "api_base_url": "https://api.trigger.dev",
        }  # fmt: skip

    def subscribe(self, run_id: str | None = RUN, **options: Any) -> Seen[Update]:
        return self.watch(rxr.trigger.subscribe(run_id, **{**self.options, **options}))

    def run(self, **options: Any) -> Seen[rxr.trigger.Run]:
        return self.watch(rxr.trigger.run(RUN, **{**self.options, **options}))

    def watch(self, feed: Observable[T]) -> Seen[T]:
        seen = Seen[T]()
        seen.subscription = feed.subscribe(
            seen.values.append, seen.fail, seen.finish, scheduler=self.clock
        )
        self.wait()
        return seen

    def wait(self, seconds: float = 0.0) -> None:
        self.clock.advance_by(seconds + 1e-6)  # what is due now runs in the next moment

    def say(self, *responses: Response | Exception) -> None:
        """Answer the latest question, and the one that follows, and so on."""
        for response in responses:
            if isinstance(response, Response):
                self.question.answer(response)
            else:
                self.question.break_off(response)
            self.wait()

    @property
    def now(self) -> float:
        return self.clock.to_seconds(self.clock.now)

    @property
    def question(self) -> Question:
        """The latest."""
        return self.questions[-1]

    @property
    def pending(self) -> list[Question]:
        return [question for question in self.questions if not question.is_left]

    def busiest_second(self) -> int:
        """The most questions that were asked within one second."""
        times = [question.at for question in self.questions]
        return max(sum(at <= other < at + 1 for other in times) for at in times)


@dataclass
class Seen(Generic[T]):
    """Everything that a subscriber was told."""

    values: list[T] = field(default_factory=list)
    error: Exception | None = None
    is_over: bool = False
    subscription: abc.DisposableBase = field(default_factory=Disposable)

    def fail(self, error: Exception) -> None:
        self.error = error

    def finish(self) -> None:
        self.is_over = True

    def of(self, kind: type[Any]) -> list[Any]:
        """The values of one kind."""
        return [value for value in self.values if isinstance(value, kind)]

    @property
    def runs(self) -> list[rxr.trigger.Run]:
        """The runs that were delivered, as updates or as they are."""
        found = (getattr(value, "data", value) for value in self.values)
        return [each for each in found if isinstance(each, rxr.trigger.Run)]

    def leave(self) -> None:
        self.subscription.dispose()
