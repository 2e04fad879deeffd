"""The subscription wire, with frames written by hand."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr, field_validator

from rx_realtime.errors import OptionError, TokenError
from rx_realtime.models import (
    Chunk,
    Draining,
    Invalid,
    Message,
    Raw,
    Received,
    RunChanged,
    RunStatus,
    StepChanged,
    StreamClosed,
    StreamOpened,
    SubscriptionToken,
    Topic,
    Unrecognised,
    Update,
)
from rx_realtime.wire.inngest import InngestWire
from rx_realtime.wire.inngest.envelope import encode_chunk, encode_closing, encode_message

KEY = SecretStr("canary")
WIRE = InngestWire("http://localhost:8288/", "ch", {"t": None, "u": None})


def data(value: Any, channel: str = "ch", topic: str = "t") -> bytes:
    return encode_message("data", json.dumps(value).encode(), channel=channel, topic=topic)


def stream(kind: str, stream_id: str, channel: str = "ch", topic: str = "t") -> bytes:
    return encode_message(
        f"datastream-{kind}", json.dumps(stream_id).encode(), channel=channel, topic=topic
    )


def hear(wire: InngestWire, *frames: bytes) -> tuple[InngestWire, list[Update]]:
    updates = list[Update]()
    for frame in frames:
        wire, more = wire.receive(frame)
        updates += more
    return wire, updates


# ── what to ask for ───────────────────────────────────────────────────────────────────────────

ADDRESSES = {
    "the wire's server, as a websocket": (
        {"base_url": "http://h:1/"},
        {},
        "ws://h:1/v1/realtime/connect",
    ),
    "https becomes wss": ({"base_url": "https://h"}, {}, "wss://h/v1/realtime/connect"),
    "the address of a websocket does as well": (
        {"base_url": "ws://h:1"},
        {},
        "ws://h:1/v1/realtime/connect",
    ),
    "a path is dropped": ({"base_url": "http://h/a/b?c"}, {}, "ws://h/v1/realtime/connect"),
    "the token's server wins": (
        {"base_url": "http://h:1/"},
        {"api_base_url": "https://t/"},
        "wss://t/v1/realtime/connect",
    ),
    "the option's server wins over the token's": (
        {"base_url": "http://h:1/", "base_url_wins": True},
        {"api_base_url": "https://t/"},
        "ws://h:1/v1/realtime/connect",
    ),
    "server-sent events": (
        {"base_url": "http://h:1/", "sse": True},
        {},
        "http://h:1/v1/realtime/sse",
    ),
    "server-sent events by the address of a websocket": (
        {"base_url": "wss://h:1/", "sse": True},
        {},
        "https://h:1/v1/realtime/sse",
    ),
}


@pytest.mark.parametrize(("wire", "token", "url"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_a_wire_asks_at_this_address(wire: dict[str, Any], token: dict[str, Any], url: str):
    opening = dataclasses.replace(WIRE, **wire).open(SubscriptionToken(KEY, **token))
    assert opening.request.url == url
    assert opening.request.token == KEY
    assert opening.request.token_parameter == "token"


@pytest.mark.parametrize("sse", [False, True], ids=["websocket", "sse"])
@pytest.mark.parametrize("base", ["", "localhost:8288", "ftp://h", "http://", "http://h:x", "/v1"])
def test_an_address_that_is_none_is_refused(base: str, sse: bool):
    with pytest.raises(OptionError):
        dataclasses.replace(WIRE, base_url=base, sse=sse).open(SubscriptionToken(KEY))


def test_a_token_that_names_its_channel_and_topics_has_them():
    model = Topic(int, name="t")
    wire = InngestWire("http://h", "mine", {"t": model, "u": None})
    wire, _ = wire.open(SubscriptionToken(KEY, "other", ("t", "v")))
    assert wire.channel == "other"
    assert wire.topics == {"t": model, "v": None}


def test_a_wire_without_channel_takes_the_tokens_or_refuses():
    wire = InngestWire("http://h", None, {})
    assert wire.open(SubscriptionToken(KEY, "ch", ("t",))).wire.channel == "ch"
    with pytest.raises(TokenError):
        wire.open(SubscriptionToken(KEY))


def test_neither_wire_nor_request_show_the_token():
    opening = WIRE.open(SubscriptionToken(KEY))
    for shown in (repr(opening), str(opening), repr(dataclasses.asdict(opening.wire))):
        assert "canary" not in shown
    assert "canary" not in opening.request.url


# ── messages ──────────────────────────────────────────────────────────────────────────────────


class Progress(BaseModel):
    percent: int

    @field_validator("percent")
    @classmethod
    def is_a_percentage(cls, percent: int) -> int:
        if percent > 1000:
            raise LookupError("canary")  # not what pydantic expects of a validator
        return min(percent, 100)


TYPED = InngestWire("http://h", "ch", {"t": Topic(Progress, name="t"), "u": None})


def test_data_of_a_typed_topic_is_of_its_type():
    [update] = TYPED.receive(data({"percent": "250"})).updates
    assert isinstance(update, Received)
    assert update.message.data == Progress(percent=100)
    assert update.message.channel == "ch"


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"percent": "canary"}, "percent: Input should be a valid integer, unable to parse"),
        ({}, "percent: Field required"),
        ("canary", "data: Input should be a valid dictionary or instance of Progress"),
        ({"percent": 1001}, "its validator raised LookupError"),
    ],
)
def test_data_that_does_not_fit_is_reported_without_showing_it(payload: Any, why: str):
    [update] = TYPED.receive(data(payload)).updates
    assert isinstance(update, Invalid)
    assert update.topic == "t"
    assert update.why.startswith(why)
    assert update.data == payload
    assert "canary" not in repr(update)


def test_data_passes_as_it_came_when_nobody_asks_to_validate_it():
    wire = dataclasses.replace(TYPED, validate=False)
    [update] = wire.receive(data({"percent": "250"})).updates
    assert isinstance(update, Received)
    assert update.message.data == {"percent": "250"}


LIMIT = 512 * 1024

CUT_OFF = {
    "between two characters": "x" * LIMIT,
    "after one byte of a character": "x" * (LIMIT - 1) + "\ufffd",
    "after two bytes of a character": "x" * (LIMIT - 2) + "\ufffd" * 2,
    "after three bytes of a character": "x" * (LIMIT - 3) + "\ufffd" * 3,
}


@pytest.mark.parametrize("text", CUT_OFF.values(), ids=CUT_OFF.keys())
def test_a_payload_that_the_server_cut_off_is_no_message(text: str):
    [update] = WIRE.receive(data(text)).updates
    assert isinstance(update, Invalid)
    assert update.topic == "t"
    assert "524288" in update.why


@pytest.mark.parametrize("size", [LIMIT - 1000, LIMIT - 3, LIMIT - 2, LIMIT + 100])
def test_a_long_payload_that_nobody_cut_off_is_a_message(size: int):
    [update] = WIRE.receive(data("x" * size)).updates
    assert isinstance(update, Received)


# ── text streams ──────────────────────────────────────────────────────────────────────────────


def test_a_chunk_belongs_to_the_stream_its_id_opened():
    wire, updates = hear(
        WIRE,
        stream("start", "a", topic="t"),
        stream("start", "b", topic="u"),
        encode_chunk("a", "1"),
        encode_chunk("b", "2"),
        encode_chunk("a", "3"),
        stream("end", "a", topic="t"),
        encode_chunk("b", "4"),
        stream("end", "b", topic="u"),
    )
    assert updates == [
        StreamOpened("a", "ch", "t"),
        StreamOpened("b", "ch", "u"),
        Chunk("a", "t", "1"),
        Chunk("b", "u", "2"),
        Chunk("a", "t", "3"),
        StreamClosed("a", "t"),
        Chunk("b", "u", "4"),
        StreamClosed("b", "u"),
    ]
    assert wire.streams == {}


def test_an_open_stream_goes_on_on_the_next_connection():
    wire, _ = hear(WIRE, stream("start", "a"))
    wire, _ = wire.open(SubscriptionToken(KEY))
    assert wire.receive(encode_chunk("a", "1")).updates == (Chunk("a", "t", "1"),)


@pytest.mark.parametrize(
    "frame",
    [
        encode_chunk("nobody", "x"),
        stream("end", "nobody"),
        stream("start", "a", channel="other"),
        stream("start", "a", topic="other"),
        stream("end", "open", channel="other"),
    ],
    ids=["a chunk", "an end", "another channel", "another topic", "another channel's end"],
)
def test_a_part_of_a_stream_that_is_not_ours_changes_nothing(frame: bytes):
    before, _ = hear(WIRE, stream("start", "open"))
    after, [update] = before.receive(frame)
    assert isinstance(update, Unrecognised)
    assert after == before


# ── the run ───────────────────────────────────────────────────────────────────────────────────


def run(status: str, topic: str = "$run", second: int = 0, channel: str = "ch") -> bytes:
    said = {
        "kind": "run",
        "data": {"status": status},
        "channel": channel,
        "topic": topic,
        "created_at": f"2026-11-21T08:21:{second:02}Z",
    }
    return json.dumps(said).encode()


def statuses(*frames: bytes) -> list[RunStatus | None]:
    _, updates = hear(WIRE, *frames)
    return [update.status for update in updates if isinstance(update, RunChanged)]


def test_a_run_message_counts_once_for_all_the_topics_that_carry_it():
    assert statuses(run("running"), run("running", "done")) == [RunStatus.RUNNING]


def test_a_run_message_counts_once_when_one_topic_overtakes_the_other():
    frames = [
        run("running", "$run", 1),
        run("completed", "$run", 2),
        run("running", "done", 1),
        run("completed", "done", 2),
    ]
    assert statuses(*frames) == [RunStatus.RUNNING, RunStatus.COMPLETED]


def test_the_same_words_said_again_later_are_another_message():
    frames = [run("running", second=1), run("completed", second=2), run("running", second=3)]
    assert statuses(*frames) == [RunStatus.RUNNING, RunStatus.COMPLETED, RunStatus.RUNNING]


def test_a_run_message_without_a_time_always_counts():
    frame = b'{"kind":"run","data":{"status":"running"}}'
    assert statuses(frame, run("completed"), frame) == [
        RunStatus.RUNNING,
        RunStatus.COMPLETED,
        RunStatus.RUNNING,
    ]


def test_what_is_remembered_of_a_run_stays_small():
    wire, _ = hear(WIRE, *(run("running", second=second) for second in range(60)))
    assert len(wire.runs) < 10


def test_a_step_is_told_with_its_topic():
    frame = encode_message("step", b'{"s":1}', channel="ch", topic="step-a", run_id="r")
    assert WIRE.receive(frame).updates == (StepChanged("step-a", {"s": 1}, "r"),)


@pytest.mark.parametrize("kind", ["run", "step"])
def test_the_run_of_another_channel_is_not_ours(kind: str):
    [update] = WIRE.receive(encode_message(kind, b"{}", channel="other", topic="$run")).updates
    assert isinstance(update, Unrecognised)


def test_a_notice_that_the_server_will_close_is_told():
    assert WIRE.receive(encode_closing()).updates == (Draining(),)


# ── anything at all ───────────────────────────────────────────────────────────────────────────

HEAD, TAIL = b'{"kind":"data","channel":"ch","topic":"t","data":', b"}"

NONSENSE: dict[str, tuple[bytes, type[Update]]] = {
    "nothing": (b"", Raw),
    "no JSON": (b"part1", Raw),
    "half a frame": (HEAD, Raw),
    "two frames": (HEAD + b"1}" + HEAD + b"2}", Raw),
    "invalid UTF-8": (b"\xff\xfe\x00", Raw),
    "invalid UTF-8 inside a frame": (HEAD + b'"\xff"' + TAIL, Raw),
    "a byte order mark": (b"\xef\xbb\xbf" + HEAD + b"1" + TAIL, Raw),
    "a lone surrogate": (HEAD + b'"\\ud800"' + TAIL, Raw),
    "a number": (b"7", Raw),
    "null": (b"null", Raw),
    "text": (b'"text"', Raw),
    "a list": (b"[1,2]", Raw),
    "an object without kind": (b'{"a":1}', Raw),
    "ten thousand brackets": (b"[" * 10_000, Raw),
    "deep data": (HEAD + b"[" * 10_000 + b"]" * 10_000 + TAIL, Raw),
    "data as deep as we go": (HEAD + b"[" * 100 + b"]" * 100 + TAIL, Received),
    "a number of 10,000 digits": (HEAD + b"9" * 10_000 + TAIL, Invalid),
    "a number of 400 digits": (HEAD + b"9" * 400 + TAIL, Received),
    "a number beyond all floats": (HEAD + b"1e999" + TAIL, Invalid),
    "not a number": (HEAD + b"NaN" + TAIL, Raw),
    "a key twice": (b'{"data":1,' + HEAD[1:] + b"2" + TAIL, Received),
    "two kinds": (b'{"kind":"step",' + HEAD[1:] + b"2" + TAIL, Invalid),
    "a kind that nobody sends": (b'{"kind":"event","data":1}', Unrecognised),
    "a kind of tomorrow": (b'{"kind":"' + b"x" * 1000 + b'"}', Unrecognised),
    "a kind that is a number": (b'{"kind":5}', Unrecognised),
    "a kind that is null": (b'{"kind":null}', Unrecognised),
    "a kind that is an object": (b'{"kind":{}}', Unrecognised),
    "data without anything": (b'{"kind":"data"}', Invalid),
    "a channel that is a list": (b'{"kind":"data","data":1,"channel":[],"topic":"t"}', Invalid),
    "a channel that is null": (b'{"kind":"data","data":1,"channel":null,"topic":"t"}', Invalid),
    "a time that is none": (b'{"created_at":"soon",' + HEAD[1:] + b"1" + TAIL, Invalid),
    "a chunk without an id": (b'{"kind":"chunk","data":"x"}', Invalid),
    "a stream whose id is a number": (
        b'{"kind":"datastream-start","data":5,"channel":"ch","topic":"t"}',
        Invalid,
    ),
    "a run that is a list": (b'{"kind":"run","data":[]}', Unrecognised),
}


@pytest.mark.parametrize(("frame", "kind"), NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_told_and_breaks_nothing(frame: bytes, kind: type[Update]):
    wire, [update] = WIRE.receive(frame)
    assert type(update) is kind
    assert wire == WIRE
    if isinstance(update, Unrecognised | Invalid):
        assert len(repr(update)) < 300
    if isinstance(update, Raw):
        assert update.data == frame


def test_a_long_frame_that_is_not_ours_is_kept_shortened():
    [update] = WIRE.receive(data("x" * 10_000, topic="other")).updates
    assert isinstance(update, Unrecognised)
    assert len(update.text) <= 200


@given(st.binary())
def test_no_bytes_break_a_wire(frame: bytes):
    hear(TYPED, stream("start", "a"), frame, encode_chunk("a", "1"))


ANY: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, 5, -0.5, [], {}, [{}], {"a": {"b": [1]}}, "\ud800", "é\0😀"]),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
)
KINDS = ["data", "datastream-start", "datastream-end", "chunk", "run", "step", "closing", "event"]
FIELDS = {
    "kind": st.sampled_from(KINDS) | ANY,
    "data": st.sampled_from(["a", {"percent": 5}, {"status": "completed"}]) | ANY,
    "channel": st.sampled_from(["ch", "other", ""]) | ANY,
    "topic": st.sampled_from(["t", "u", "$run", ""]) | ANY,
    "stream_id": st.just("a") | ANY,
    "created_at": st.just("2026-11-21T08:21:46.262845562Z") | ANY,
    "run_id": ANY,
    "metadata": ANY,
}


@given(st.lists(st.fixed_dictionaries({}, optional=FIELDS), max_size=4), st.booleans())
def test_no_json_breaks_a_wire(frames: list[dict[str, Any]], ascii_only: bool):
    texts = [json.dumps(frame, ensure_ascii=ascii_only) for frame in frames]
    hear(TYPED, *(text.encode("utf-8", "surrogatepass") for text in texts))


def test_a_message_is_what_was_sent():
    frame = encode_message(
        "data", b"null", channel="ch", topic="u", run_id="r", metadata={"m": 1}, fn_slug="app-f"
    )
    [update] = WIRE.receive(frame).updates
    assert isinstance(update, Received)
    message = update.message
    assert message == Message(
        "ch", "u", None, message.created_at, "r", metadata={"m": 1}, fn_slug="app-f"
    )
    assert message.created_at is not None
    assert not update.pending


def test_each_token_is_completed_from_what_was_asked_for_and_not_from_the_last_token() -> None:
    wire = InngestWire("http://localhost:1", "a", {"t": None, "u": None})
    narrow = SubscriptionToken.parse({"key": "k", "channel": "b", "topics": ["t"]})
    narrowed, _ = wire.open(narrow)
    assert (narrowed.channel, set(narrowed.topics)) == ("b", {"t"})
    again, _ = narrowed.open(SubscriptionToken.parse("k"))
    assert (again.channel, set(again.topics)) == ("a", {"t", "u"})
