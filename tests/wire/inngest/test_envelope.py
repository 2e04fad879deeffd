"""One table for both directions: what the real server writes, and what it means."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import ValidationError

from rx_realtime.models import Message
from rx_realtime.wire.inngest.envelope import (
    ChunkEnvelope,
    ClosingEnvelope,
    Command,
    Envelope,
    RunEnvelope,
    StepEnvelope,
    StreamEndEnvelope,
    StreamEnvelope,
    Subscribe,
    TopicKey,
    Unsubscribe,
    decode_command,
    decode_envelope,
    encode_chunk,
    encode_closing,
    encode_message,
    encode_subscribe,
    encode_topic,
    encode_unsubscribe,
)

AT = datetime(2026, 11, 21, 8, 21, 46, 262845, UTC)
ENV = "00000000-0000-4000-b000-000000000000"
RUN = "01JNGVNB7BJVRCZWTBF8G73BPJ"

# ── server to client ──────────────────────────────────────────────────────────────────────────

FRAMES: dict[str, tuple[bytes, Envelope, Callable[[], bytes]]] = {
    "data": (
        (
            b'{"kind":"data","data":{"a":1},"created_at":"2026-11-21T08:21:46.262845Z",'
            b'"channel":"ch","env_id":"00000000-0000-4000-b000-000000000000","topic":"t"}'
        ),
        Message("ch", "t", {"a": 1}, created_at=AT, env_id=ENV),
        lambda: encode_message(
            "data", b'{"a":1}', channel="ch", topic="t", created_at=AT, env_id=ENV
        ),
    ),
    "data with everything": (
        (
            b'{"kind":"data","data":null,"metadata":{"x":1},'
            b'"created_at":"2026-11-21T08:21:46.262845Z","channel":"ch",'
            b'"env_id":"00000000-0000-4000-b000-000000000000","topic":"t","fn_id":"f",'
            b'"fn_slug":"app-f","run_id":"01JNGVNB7BJVRCZWTBF8G73BPJ"}'
        ),
        Message("ch", "t", None, AT, RUN, {"x": 1}, "f", "app-f", ENV),
        lambda: encode_message(
            "data",
            b"null",
            channel="ch",
            topic="t",
            created_at=AT,
            env_id=ENV,
            run_id=RUN,
            fn_id="f",
            fn_slug="app-f",
            metadata={"x": 1},
        ),
    ),
    "a text stream begins": (
        (
            b'{"kind":"datastream-start","data":"332woltfolyvj",'
            b'"created_at":"2026-11-21T08:21:46.262845Z","channel":"ch","topic":"t"}'
        ),
        StreamEnvelope("332woltfolyvj", "ch", "t", AT),
        lambda: encode_message(
            "datastream-start", b'"332woltfolyvj"', channel="ch", topic="t", created_at=AT
        ),
    ),
    "a chunk": (
        '{"kind":"chunk","stream_id":"332woltfolyvj","data":"héllo\\n😀"}'.encode(),
        ChunkEnvelope("332woltfolyvj", "héllo\n😀"),
        lambda: encode_chunk("332woltfolyvj", "héllo\n😀"),
    ),
    "a chunk of a run": (
        b'{"kind":"chunk","stream_id":"s","data":"","run_id":"01JNGVNB7BJVRCZWTBF8G73BPJ"}',
        ChunkEnvelope("s", "", RUN),
        lambda: encode_chunk("s", "", run_id=RUN),
    ),
    "a text stream ends": (
        (
            b'{"kind":"datastream-end","data":"332woltfolyvj",'
            b'"created_at":"2026-11-21T08:21:46Z","channel":"ch","topic":"t"}'
        ),
        StreamEndEnvelope("332woltfolyvj", "ch", "t", datetime(2026, 11, 21, 8, 21, 46, 0, UTC)),
        lambda: encode_message(
            "datastream-end",
            b'"332woltfolyvj"',
            channel="ch",
            topic="t",
            created_at=AT.replace(microsecond=0),
        ),
    ),
    "run": (
        (
            b'{"kind":"run","data":{"status":"completed"},"created_at":"2026-11-21T08:21:46.262845Z",'
            b'"channel":"ch","topic":"$run","run_id":"01JNGVNB7BJVRCZWTBF8G73BPJ"}'
        ),
        RunEnvelope({"status": "completed"}, "ch", "$run", AT, RUN),
        lambda: encode_message(
            "run",
            b'{"status":"completed"}',
            channel="ch",
            topic="$run",
            created_at=AT,
            run_id=RUN,
        ),
    ),
    "step": (
        (
            b'{"kind":"step","data":[1],"created_at":"2026-11-21T08:21:46.2Z",'
            b'"channel":"ch","topic":"$step"}'
        ),
        StepEnvelope([1], "ch", "$step"),
        lambda: encode_message(
            "step",
            b"[1]",
            channel="ch",
            topic="$step",
            created_at=AT.replace(microsecond=200_000),
        ),
    ),
    "closing": (
        b'{"kind":"closing","data":"","created_at":"2026-11-21T08:21:46.262845Z","topic":""}',
        ClosingEnvelope(),
        lambda: encode_closing(AT),
    ),
}


@pytest.mark.parametrize(("frame", "envelope", "encode"), FRAMES.values(), ids=FRAMES.keys())
def test_a_frame_means_its_envelope_and_is_written_as_the_server_writes_it(
    frame: bytes, envelope: Envelope, encode: Callable[[], bytes]
):
    assert decode_envelope(frame) == envelope
    assert decode_envelope(frame.decode()) == envelope
    assert encode() == frame


TIMES = {
    "nine digits": ("2026-11-21T08:21:46.262844562Z", AT),
    "nine digits and an offset": ("2026-11-21T10:21:46.262845499+02:00", AT),
    "trailing zeros trimmed": ("2026-11-21T08:21:46.2Z", AT.replace(microsecond=200_000)),
    "no fraction": ("2026-11-21T08:21:46Z", AT.replace(microsecond=0)),
    "Go's zero time": ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
}


@pytest.mark.parametrize(("text", "at"), TIMES.values(), ids=TIMES.keys())
def test_a_time_is_read_to_the_nearest_microsecond(text: str, at: datetime):
    frame = {"kind": "data", "data": 1, "channel": "c", "topic": "t", "created_at": text}
    message = decode_envelope(json.dumps(frame))
    assert isinstance(message, Message)
    assert message.created_at == at


# Without lone surrogates: they are no Unicode, and Go never writes them.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ELSEWHERE = timezone(timedelta(hours=-11))
TIME = st.timedeltas(timedelta(days=-700_000), timedelta(days=2_900_000)).map(
    lambda delta: (AT + delta).astimezone(ELSEWHERE)
)


MESSAGES = st.builds(
    Message,
    TEXT.filter(bool),
    TEXT,
    JSON,
    created_at=TIME,
    run_id=st.none() | TEXT,
    metadata=JSON,
    fn_id=st.none() | TEXT,
)


@given(MESSAGES)
def test_what_is_encoded_is_decoded_again(message: Message[Any]):
    frame = encode_message(
        "data",
        json.dumps(message.data).encode(),
        channel=message.channel,
        topic=message.topic,
        created_at=message.created_at,
        run_id=message.run_id,
        fn_id=message.fn_id,
        metadata=message.metadata,
    )
    assert decode_envelope(frame) == message


def test_a_message_is_created_now_unless_somebody_says_when():
    message = decode_envelope(encode_message("data", b"1", channel="c", topic="t"))
    assert isinstance(message, Message)
    assert message.created_at is not None
    assert abs(datetime.now(UTC) - message.created_at) < timedelta(minutes=1)


@given(TEXT, TEXT)
def test_any_text_travels_in_a_chunk(stream_id: str, text: str):
    assert decode_envelope(encode_chunk(stream_id, text)) == ChunkEnvelope(stream_id, text)


def test_optional_fields_that_are_null_are_read_as_absent_and_unknown_keys_are_passed_over():
    frame = {
        "kind": "data",
        "data": 1,
        "channel": "c",
        "topic": "t",
        "created_at": None,
        "run_id": None,
        "fn_id": None,
        "env_id": None,
        "metadata": None,
        "new": {"in": "2030"},
    }
    assert decode_envelope(json.dumps(frame)) == Message("c", "t", 1)


def test_an_error_about_a_frame_shows_nothing_of_it():
    frame = b'{"kind":"data","data":"canary-1","channel":["canary-2"],"topic":"t"}'
    with pytest.raises(ValidationError) as caught:
        decode_envelope(frame)
    assert "canary" not in str(caught.value)
    assert "canary" not in repr(caught.value)


# ── client to server ──────────────────────────────────────────────────────────────────────────

COMMANDS: dict[str, tuple[str, Command]] = {
    "listen to more": (encode_subscribe("a.b.c"), Subscribe("a.b.c")),
    "listen no longer": (
        encode_unsubscribe([TopicKey("ch", "t", env_id=ENV), TopicKey("ch", "u")]),
        Unsubscribe((TopicKey("ch", "t", env_id=ENV), TopicKey("ch", "u"))),
    ),
    "listen no longer to nothing": (encode_unsubscribe([]), Unsubscribe(())),
}


@pytest.mark.parametrize(("frame", "command"), COMMANDS.values(), ids=COMMANDS.keys())
def test_a_command_is_decoded_as_it_was_encoded(frame: str, command: Command):
    assert decode_command(frame) == command
    assert decode_command(frame.encode()) == command


def test_a_command_is_written_as_the_server_reads_it():
    assert encode_subscribe("a.b.c") == '{"kind":"sub","data":"a.b.c"}'
    assert json.loads(encode_unsubscribe([TopicKey("ch", "t", env_id=ENV)])) == {
        "kind": "unsub",
        "data": [{"kind": "run", "channel": "ch", "name": "t", "env_id": ENV}],
    }


def test_a_topic_is_written_without_what_is_not_known():
    assert encode_topic(TopicKey("ch", "t")) == {"kind": "run", "channel": "ch", "name": "t"}
    assert encode_topic(TopicKey("ch", "t", "event", ENV, RUN)) == {
        "kind": "event",
        "channel": "ch",
        "name": "t",
        "env_id": ENV,
        "run_id": RUN,
    }


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "",
        "[]",
        "null",
        "{}",
        '{"kind":"ping"}',
        '{"kind":"sub"}',
        '{"kind":"sub","data":5}',
        '{"kind":"unsub","data":"t"}',
        '{"kind":"unsub","data":[{"channel":5}]}',
        "[" * 10_000,
    ],
)
def test_anything_else_a_client_says_is_passed_over(frame: str):
    assert decode_command(frame) is None


@given(st.binary())
def test_no_bytes_of_a_client_break_the_server(frame: bytes):
    decode_command(frame)


def test_a_command_does_not_show_its_token():
    assert "canary" not in repr(decode_command(encode_subscribe("canary")))
