"""The conformance cases of Inngest realtime that frames and run lifecycle alone decide.

A case's number is that of the list it was taken from; each is a sentence about what a subscriber
sees. "Better" marks where we do more than `useRealtime` does.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from rx_realtime.models import (
    Chunk,
    ConnectionStatus,
    Invalid,
    Message,
    Opened,
    Raw,
    RealtimeState,
    Received,
    RunChanged,
    RunStatus,
    StreamClosed,
    StreamOpened,
    Topic,
    Unrecognised,
    Update,
    reduce_state,
)
from rx_realtime.wire.inngest import InngestWire

RUN = "01JNGVNB7BJVRCZWTBF8G73BPJ"
WIRE = InngestWire("http://localhost:8288/", "ch", {"t": None, "u": None, "$stream": None})


class Progress(BaseModel):
    """Half of its values are fine, some are not, and one breaks its validator."""

    percent: int

    @field_validator("percent")
    @classmethod
    def is_checked_slowly(cls, percent: int) -> int:
        if percent == 13:
            raise LookupError("a validator with a bug")
        return sum(1 for _ in range(percent))


TYPED = InngestWire("http://localhost:8288/", "ch", {"t": Topic(Progress, name="t"), "u": None})


def envelope(kind: str = "data", data: Any = 1, **fields: Any) -> bytes:
    """Write a frame as the server does; a field given as `...` is left out."""
    said: dict[str, Any] = {
        "kind": kind,
        "data": data,
        "created_at": "2026-11-21T08:21:46.262845562Z",
        "channel": "ch",
        "env_id": "00000000-0000-4000-b000-000000000000",
        "topic": "t",
        **fields,
    }
    return json.dumps({key: value for key, value in said.items() if value is not ...}).encode()


def hear(wire: InngestWire, *frames: bytes) -> list[Update]:
    updates = list[Update]()
    for frame in frames:
        wire, more = wire.receive(frame)
        updates += more
    return updates


def see(wire: InngestWire, *frames: bytes) -> RealtimeState[Any]:
    """Fold what an open connection says into what a subscriber sees."""
    state: RealtimeState[Any] = reduce_state(RealtimeState(), Opened())
    for update in hear(wire, *frames):
        state = reduce_state(state, update)
    return state


def payloads(updates: list[Update]) -> list[Any]:
    return [update.message.data for update in updates if isinstance(update, Received)]


# ── frames ────────────────────────────────────────────────────────────────────────────────────


def test_given_data_for_the_subscribed_channel_and_topic_it_is_delivered_with_all_its_fields():
    """Case 21."""
    frame = envelope(data={"a": 1}, run_id=RUN, fn_id="f")
    [message] = see(WIRE, frame).messages.all
    assert message == Message(
        channel="ch",
        topic="t",
        data={"a": 1},
        created_at=datetime(2026, 11, 21, 8, 21, 46, 262846, UTC),
        run_id=RUN,
        fn_id="f",
        env_id="00000000-0000-4000-b000-000000000000",
    )
    assert message.kind == "data"


def test_given_data_for_another_channel_an_unknown_topic_or_none_it_is_dropped_without_error():
    """Case 22."""
    frames = [
        envelope(channel="other"),
        envelope(topic="unknown"),
        envelope(channel=...),
        envelope(topic=...),
        envelope(channel=..., topic=...),
        envelope(channel=""),
        envelope(topic=""),
    ]
    assert all(isinstance(update, Unrecognised | Invalid) for update in hear(WIRE, *frames))
    state = see(WIRE, *frames)
    assert state == see(WIRE)
    assert state.error is None


def test_given_no_json_no_object_or_an_unknown_kind_the_stream_goes_on():
    """Case 23."""
    frames = [b"part1", b"{", b"[1]", b"7", b"null", envelope("event"), envelope("2030"), b"{}"]
    state = see(WIRE, *frames, envelope(data="still here"))
    assert [message.data for message in state.messages.all] == ["still here"]
    assert state.error is None
    assert len(hear(WIRE, *frames)) == len(frames)  # each is told, none is lost without a word


def test_given_absent_optional_fields_a_message_is_delivered():
    """Case 24, first half."""
    bare = envelope(created_at=..., env_id=...)
    [message] = see(WIRE, bare).messages.all
    assert message == Message("ch", "t", 1)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-21T08:21:46.262845562Z", datetime(2026, 11, 21, 8, 21, 46, 262846, UTC)),
        ("2026-11-21T10:21:46.262845499+02:00", datetime(2026, 11, 21, 8, 21, 46, 262845, UTC)),
        ("2026-11-21T08:21:46Z", datetime(2026, 11, 21, 8, 21, 46, 0, UTC)),
    ],
)
def test_given_a_time_with_nine_digits_or_an_offset_it_is_read(text: str, at: datetime):
    """Case 24, second half."""
    [message] = see(WIRE, envelope(created_at=text)).messages.all
    assert message.created_at == at


def test_given_data_null_a_message_with_none_is_delivered_and_missing_data_is_none():
    """Case 25 (Better: null is told from missing)."""
    state = see(WIRE, envelope(data=None), envelope(data=...))
    assert [message.data for message in state.messages.all] == [None]
    assert state.messages.last is not None


@pytest.mark.parametrize("metadata", [{"x": 1}, [1], "text", 5, False])
def test_given_metadata_it_is_told(metadata: Any):
    """Case 26 (Better)."""
    [message] = see(WIRE, envelope(metadata=metadata)).messages.all
    assert message.metadata == metadata


def start(stream_id: str, topic: str = "t", **fields: Any) -> bytes:
    return envelope("datastream-start", stream_id, topic=topic, **fields)


def end(stream_id: str, topic: str = "t") -> bytes:
    return envelope("datastream-end", stream_id, topic=topic)


def chunk(stream_id: str, text: str) -> bytes:
    return json.dumps({"kind": "chunk", "stream_id": stream_id, "data": text}).encode()


def test_given_a_datastream_its_chunks_come_in_order_and_bound_to_the_topic_of_its_start():
    """Case 27 (Better)."""
    updates = hear(
        WIRE,
        start("a", "t", metadata={"m": 1}, run_id=RUN),
        start("b", "u"),
        *(chunk(stream_id, text) for stream_id, text in ("a1", "b1", "a2", "b2", "a3")),
        end("a", "t"),
        end("b", "u"),
    )
    assert updates[0] == StreamOpened("a", "ch", "t", RUN, {"m": 1})
    assert updates[1] == StreamOpened("b", "ch", "u")
    assert [each for each in updates if isinstance(each, Chunk)] == [
        Chunk("a", "t", "1"),
        Chunk("b", "u", "1"),
        Chunk("a", "t", "2"),
        Chunk("b", "u", "2"),
        Chunk("a", "t", "3"),
    ]
    assert updates[-2:] == [StreamClosed("a", "t"), StreamClosed("b", "u")]


def test_given_a_chunk_of_an_unknown_or_ended_stream_it_is_dropped():
    """Case 28, first half."""
    updates = hear(WIRE, chunk("a", "early"), start("a"), end("a"), chunk("a", "late"), end("a"))
    assert [type(update) for update in updates] == [
        Unrecognised,
        StreamOpened,
        StreamClosed,
        Unrecognised,
        Unrecognised,
    ]


@pytest.mark.parametrize(
    "frame",
    [b"event: x\ndata: {}\n\n", b"part1", b"", b"\xff\xfe\x00", b"7", b"true", b'{"type":"token"}'],
)
def test_given_forwarded_bytes_they_are_told_as_they_are(frame: bytes):
    """Case 29."""
    assert hear(WIRE, frame) == [Raw(frame)]
    assert see(WIRE, frame) == see(WIRE)


def test_given_the_same_run_message_on_two_topics_it_is_applied_once():
    """Case 30."""
    said = {"status": "completed", "result": 5}
    frames = [envelope("run", said, topic="$run"), envelope("run", said, topic="done")]
    [update] = hear(WIRE, *frames)
    assert isinstance(update, RunChanged)
    assert update.result == 5


def test_given_frames_of_different_validation_cost_they_are_delivered_in_their_order():
    """Case 31: typed and slow, untyped, a run's end."""
    updates = hear(
        TYPED,
        envelope(data={"percent": 5000}),
        envelope(topic="u", data="cheap"),
        envelope("run", {"status": "completed"}, topic="$run"),
    )
    assert [type(update) for update in updates] == [Received, Received, RunChanged]
    assert payloads(updates) == [Progress(percent=5000), "cheap"]


def test_given_failing_and_raising_validators_only_the_bad_messages_are_dropped_and_told():
    """Case 32."""
    frames = [envelope(data={"percent": percent}) for percent in (1, "x", 2, 13, 3)]
    updates = hear(TYPED, *frames)
    assert payloads(updates) == [Progress(percent=n) for n in (1, 2, 3)]
    told = [update for update in updates if isinstance(update, Invalid)]
    assert [update.topic for update in told] == ["t", "t"]
    assert told[0].why.startswith("percent: ")
    assert told[1].why == "its validator raised LookupError"
    assert see(TYPED, *frames).error is None


def test_given_validate_false_data_is_delivered_as_it_came_and_else_transformed():
    """Case 33."""
    frame = envelope(data={"percent": "5", "more": True})
    assert payloads(hear(TYPED, frame)) == [Progress(percent=5)]
    unchecked = InngestWire(TYPED.base_url, TYPED.channel, TYPED.topics, validate=False)
    assert payloads(hear(unchecked, frame)) == [{"percent": "5", "more": True}]


# ── run lifecycle ─────────────────────────────────────────────────────────────────────────────

SYNONYMS = {
    RunStatus.RUNNING: ["running", "in_progress"],
    RunStatus.COMPLETED: ["completed", "complete", "succeeded", "success"],
    RunStatus.FAILED: ["failed", "error"],
    RunStatus.CANCELLED: ["cancelled", "canceled"],
}


@pytest.mark.parametrize("field", ["runStatus", "status", "state"])
@pytest.mark.parametrize("change_case", [str.lower, str.upper, str.title])
@pytest.mark.parametrize(
    ("word", "status"), [(word, status) for status, words in SYNONYMS.items() for word in words]
)
def test_given_a_status_in_any_case_and_synonym_it_is_mapped_exactly(
    field: str, change_case: Any, word: str, status: RunStatus
):
    """Case 35, first half."""
    assert see(WIRE, envelope("run", {field: change_case(word)})).run_status is status


@pytest.mark.parametrize(
    "word", ["queued", "Scheduled", "paused", "", " running", None, 5, ["running"]]
)
def test_given_an_unknown_status_it_does_not_change(word: Any):
    """Case 35, second half."""
    assert see(WIRE, envelope("run", {"status": word})).run_status is RunStatus.UNKNOWN
    failed = envelope("run", {"status": "failed"}, created_at="2026-11-21T08:00:00Z")
    assert see(WIRE, failed, envelope("run", {"status": word})).run_status is RunStatus.FAILED


@pytest.mark.parametrize("status", ["running", "completed", "failed", "cancelled", "unknown word"])
def test_given_a_result_it_is_set_for_any_status_and_an_output_only_for_completed(status: str):
    """Case 36."""
    assert see(WIRE, envelope("run", {"status": status, "result": 5})).result == 5
    output = see(WIRE, envelope("run", {"status": status, "output": 5})).result
    assert output == (5 if status == "completed" else None)


def test_given_a_terminal_status_a_later_running_moves_it_back():
    """Case 38, the reducer's part."""
    frames = [
        envelope("run", {"status": status}, created_at=f"2026-11-21T08:00:0{second}Z")
        for second, status in enumerate(["running", "completed", "running"])
    ]
    assert see(WIRE, *frames[:2]).run_status is RunStatus.COMPLETED
    state = see(WIRE, *frames)
    assert state.run_status is RunStatus.RUNNING
    assert state.connection_status is ConnectionStatus.OPEN


@pytest.mark.parametrize("data", [None, 5, "completed", ["completed"], True, ...])
def test_given_a_run_payload_that_is_no_object_it_is_ignored(data: Any):
    """Case 39, first half."""
    assert see(WIRE, envelope("run", data)) == see(WIRE)


def test_given_run_frames_they_enter_no_view_of_the_messages():
    """Case 39, second half."""
    state = see(WIRE, envelope("run", {"status": "completed", "result": 5}))
    assert state.messages == see(WIRE).messages


def test_given_a_run_frame_of_another_channel_it_is_ignored_and_without_one_it_counts():
    """Case 35, whose run: the channel is checked where it is named, the topic never."""
    said = {"status": "completed"}
    assert see(WIRE, envelope("run", said, channel="other")) == see(WIRE)
    for frame in (envelope("run", said, channel=...), envelope("run", said, topic="anything")):
        assert see(WIRE, frame).run_status is RunStatus.COMPLETED
