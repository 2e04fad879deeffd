"""What the real server said, replayed: each connection's frames, and each answer over HTTP.

The expectations are computed from the recordings with nothing but `json`.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

from rx_realtime.errors import Forbidden, NotAuthorized, NotFound, Refused
from rx_realtime.models import (
    Chunk,
    Draining,
    Raw,
    Received,
    RunChanged,
    RunStatus,
    StepChanged,
    StreamClosed,
    StreamOpened,
    Update,
)
from rx_realtime.wire import Response, SseWire
from rx_realtime.wire.inngest import InngestWire, Run
from rx_realtime.wire.inngest.decode_answers import (
    decode_event_ids,
    decode_run,
    decode_runs,
    decode_token,
)
from rx_realtime.wire.inngest.envelope import Subscribe, Unsubscribe, decode_command
from rx_realtime.wire.refusals import check

DATA = Path(__file__).parents[2] / "data"

Record = dict[str, Any]
Said = tuple[Any, ...]


def load(name: str) -> list[Record]:
    lines = (DATA / name).read_text("utf-8").splitlines()
    return [cast(Record, json.loads(line)) for line in lines]


FRAMES, HTTP = load("inngest-frames.jsonl"), load("inngest-http.jsonl")


# ── frames ────────────────────────────────────────────────────────────────────────────────────


class Connection(NamedTuple):
    """The frames that one connection received, and what its scenario's tokens open."""

    topics: dict[str, set[str]]
    frames: list[bytes]


def to_bytes(record: Record) -> bytes:
    return bytes.fromhex(record["hex"]) if "hex" in record else str(record["text"]).encode()


def connections(op: str) -> dict[str, Connection]:
    minted: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for exchange in HTTP:
        if exchange["request"] == "POST /v1/realtime/token" and exchange["status"] == 201:
            for topic in parse(exchange["request_body"]) or ():  # the longest ones are elided
                scenario = f"{exchange['server']}/{exchange['scenario']}"
                minted[scenario][topic["channel"]].add(topic["name"])
    found: dict[str, Connection] = {}
    for record in FRAMES:
        if (record["op"], record["dir"]) == (op, "in"):
            scenario = f"{record['server']}/{record['scenario']}"
            connection = found.setdefault(
                f"{scenario}/{record['conn']}", Connection(minted[scenario], [])
            )
            connection.frames.append(to_bytes(record))
    for connection in found.values():
        if not connection.topics:  # minted outside of the recording: by what came through
            for frame in connection.frames:
                said = parse(frame) or {}
                connection.topics.setdefault(said["channel"], set()).add(said["topic"])
    return found


def parse(text: bytes | str) -> Any:
    """Return what the text says in JSON; None where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def expected(frames: list[bytes], channel: str, topics: set[str]) -> Iterator[Said]:
    """What frames say to somebody who listens to some topics of a channel."""
    streams, runs = dict[str, str](), set[str]()
    for frame in frames:
        said = parse(frame)
        if said is None:
            yield ("raw", frame)
            continue
        kind, data, topic = said["kind"], said.get("data"), said.get("topic", "")
        ours = said.get("channel") == channel and topic in topics
        match kind:
            case "data" if ours:
                at = said.get("created_at")
                moment = None if at is None else moment_of(at)
                yield ("message", topic, data, moment, said.get("run_id"), said.get("metadata"))
            case "datastream-start" if ours:
                streams[data] = topic
                yield ("opened", data, topic, said.get("run_id"), said.get("metadata"))
            case "datastream-end" if ours:
                del streams[data]
                yield ("ended", data, topic)
            case "chunk" if said["stream_id"] in streams:
                yield ("chunk", said["stream_id"], streams[said["stream_id"]], data)
            case "run" if said.get("channel") == channel:
                if said["created_at"] not in runs:
                    yield ("run", data, said.get("run_id"))
                runs.add(said["created_at"])
            case "step" if said.get("channel") == channel:
                yield ("step", topic, data, said.get("run_id"))
            case "closing":
                yield ("draining",)
            case _:
                yield ("not for us",)


def moment_of(text: str) -> datetime:
    """A time of Go's, to the nearest microsecond: Python itself leaves out what is smaller."""
    smaller = re.search(r"\.\d{6}(\d)", text)
    rounded = timedelta(microseconds=bool(smaller and smaller[1] >= "5"))
    return datetime.fromisoformat(text) + rounded


def plain(update: Update) -> Said:
    match update:
        case Received(m):
            return ("message", m.topic, m.data, m.created_at, m.run_id, m.metadata)
        case StreamOpened(stream_id, _, topic, run_id, metadata):
            return ("opened", stream_id, topic, run_id, metadata)
        case Chunk(stream_id, topic, data):
            return ("chunk", stream_id, topic, data)
        case StreamClosed(stream_id, topic):
            return ("ended", stream_id, topic)
        case RunChanged(run_id=run_id, data=data):
            return ("run", data, run_id)
        case StepChanged(topic, data, run_id):
            return ("step", topic, data, run_id)
        case Raw(data):
            return ("raw", data)
        case Draining():
            return ("draining",)
        case _:
            return ("not for us",)


def subscription(channel: str, topics: set[str]) -> InngestWire:
    return InngestWire("http://localhost:8288/", channel, dict.fromkeys(topics))


WEBSOCKETS, BODIES = connections("TEXT"), connections("SSE")


def test_the_recordings_are_all_here():
    assert len(FRAMES) == 409
    assert len(HTTP) == 162
    assert sum(len(connection.frames) for connection in WEBSOCKETS.values()) == 191
    assert sum(len(connection.frames) for connection in BODIES.values()) == 18


def test_the_recordings_hold_no_token():
    assert not [path.name for path in DATA.iterdir() if "eyJhbGci" in path.read_text("utf-8")]


@pytest.mark.parametrize("connection", WEBSOCKETS.values(), ids=WEBSOCKETS.keys())
def test_a_websocket_says_what_it_said(connection: Connection):
    for channel, topics in connection.topics.items():
        wire, said = subscription(channel, topics), list[Said]()
        for frame in connection.frames:
            wire, updates = wire.receive(frame)
            said += map(plain, updates)
        assert said == list(expected(connection.frames, channel, topics))


@pytest.mark.parametrize("connection", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("size", [1, 7, 100_000], ids="in chunks of {}".format)
def test_a_body_of_events_says_what_it_said(connection: Connection, size: int):
    body = b"".join(connection.frames)
    events = [event for event in body.split(b"\n\n") if event.startswith(b"data: ")]
    for channel, topics in connection.topics.items():
        wire, said = SseWire(subscription(channel, topics)), list[Said]()
        for start in range(0, len(body), size):
            wire, updates = wire.receive(body[start : start + size])
            said += map(plain, updates)
        assert said == list(expected([event[6:] for event in events], channel, topics))


def test_each_kind_of_thing_was_said_at_least_once():
    heard = {
        said[0]
        for connection in WEBSOCKETS.values()
        for channel, topics in connection.topics.items()
        for said in expected(connection.frames, channel, topics)
    }
    assert heard == {
        *("message", "opened", "chunk", "ended", "run", "step", "draining", "raw", "not for us")
    }


def test_what_a_client_said_is_understood_where_it_makes_sense():
    asked = [
        to_bytes(record) for record in FRAMES if record["op"] == "TEXT" and record["dir"] == "out"
    ]
    for frame in asked:
        said: Record = parse(frame) or {"kind": ""}
        command = decode_command(frame)
        wanted = {"sub": str, "unsub": list}.get(said["kind"])
        if wanted is not None and isinstance(said["data"], wanted):
            assert isinstance(command, {"sub": Subscribe, "unsub": Unsubscribe}[said["kind"]])
        else:
            assert command is None
    assert len(asked) == 22


# ── answers over HTTP ─────────────────────────────────────────────────────────────────────────


def response(exchange: Record) -> Response:
    headers = cast(dict[str, str], exchange["response_headers"])
    return Response(exchange["status"], headers, str(exchange["response_body"]).encode())


def exchanges(request: str, *, succeeded: bool) -> list[Any]:
    return [
        pytest.param(exchange, id=f"{exchange['scenario']} {exchange['t']}")
        for exchange in HTTP
        if exchange["request"].startswith(request) and (exchange["status"] < 300) is succeeded
    ]


@pytest.mark.parametrize("exchange", exchanges("POST /v1/realtime/token", succeeded=True))
def test_a_token_is_the_recorded_one(exchange: Record):
    token = decode_token(response(exchange))
    assert token.get_secret_value() == json.loads(exchange["response_body"])["jwt"]


@pytest.mark.parametrize("exchange", exchanges("POST /e/", succeeded=True))
def test_event_ids_are_the_recorded_ones(exchange: Record):
    assert (
        list(decode_event_ids(response(exchange))) == json.loads(exchange["response_body"])["ids"]
    )


def same(run: Run, recorded: Record) -> bool:
    ended = recorded["ended_at"]
    return bool(
        run.run_id == recorded["run_id"]
        and run.status == recorded["status"]
        and run.function_id == recorded["function_id"]
        and run.event_id == recorded["event_id"]
        and run.run_started_at == datetime.fromisoformat(recorded["run_started_at"])
        and run.ended_at == (None if ended is None else datetime.fromisoformat(ended))
        and run.output == recorded.get("output")
    )


@pytest.mark.parametrize("exchange", exchanges("GET /v1/events/", succeeded=True))
def test_the_runs_of_an_event_are_the_recorded_ones(exchange: Record):
    recorded = json.loads(exchange["response_body"])["data"]
    runs = decode_runs(response(exchange))
    assert len(runs) == len(recorded)
    assert all(map(same, runs, recorded))


ENDS = {
    "Completed": RunStatus.COMPLETED,
    "Failed": RunStatus.FAILED,
    "Cancelled": RunStatus.CANCELLED,
}


@pytest.mark.parametrize("exchange", exchanges("GET /v1/runs/", succeeded=True))
def test_a_run_is_the_recorded_one_and_tells_its_end(exchange: Record):
    recorded = json.loads(exchange["response_body"])["data"]
    run = decode_run(response(exchange))
    assert same(run, recorded)
    assert run.change().status is ENDS[recorded["status"]]
    assert run.change().is_terminal


KINDS: dict[int, type[Refused]] = {401: NotAuthorized, 403: Forbidden, 404: NotFound}


@pytest.mark.parametrize("exchange", exchanges("", succeeded=False))
@pytest.mark.parametrize("decode", [check, decode_token, decode_run], ids=lambda f: f.__name__)
def test_a_refusal_is_an_error_of_its_kind(exchange: Record, decode: Callable[[Response], object]):
    with pytest.raises(Refused) as caught:
        decode(response(exchange))
    assert type(caught.value) is KINDS.get(exchange["status"], Refused)
    body = exchange["response_body"].strip()
    assert caught.value.detail == (json.loads(body)["error"] if body.startswith("{") else body)


@pytest.mark.parametrize("exchange", exchanges("", succeeded=True))
def test_a_success_is_no_refusal(exchange: Record):
    check(response(exchange))
