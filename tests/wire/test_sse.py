"""The event decoder against the standard's own examples, and against every way to cut a body."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from itertools import combinations_with_replacement, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from rx_realtime.models import Raw, Received, SubscriptionToken
from rx_realtime.wire import Event, EventDecoder, SseWire
from rx_realtime.wire.inngest import InngestWire


def decode(*chunks: bytes) -> list[Event]:
    decoder, events = EventDecoder(), list[Event]()
    for chunk in chunks:
        decoder, more = decoder.decode(chunk)
        events += more
    return events


# ── what the standard says ────────────────────────────────────────────────────────────────────

EXAMPLES = {
    "three data lines are one event": (
        b"data: YHOO\ndata: +2\ndata: 10\n\n",
        [Event(b"YHOO\n+2\n10")],
    ),
    "the standard's four blocks: a comment, two ids, an event cut off": (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event",
        [Event(b"first event", id="1"), Event(b"second event")],
    ),
    "the standard's empty data: once empty, once a line break, once unfinished": (
        b"data\n\ndata\ndata\n\ndata:",
        [Event(b""), Event(b"\n")],
    ),
    "one space after the colon is dropped, and only one": (
        b"data:test\n\ndata: test\n\ndata:  test\n\n",
        [Event(b"test"), Event(b"test"), Event(b" test")],
    ),
    "a name holds for one event": (
        b"event: add\ndata: 1\n\ndata: 2\n\n",
        [Event(b"1", "add"), Event(b"2")],
    ),
    "a name without data is forgotten": (b"event: add\n\ndata: 1\n\n", [Event(b"1")]),
    "an id holds until the next": (
        b"id: 7\ndata: 1\n\ndata: 2\n\nid: 8\n\ndata: 3\n\n",
        [Event(b"1", id="7"), Event(b"2", id="7"), Event(b"3", id="8")],
    ),
    "an id with a NUL is none": (b"id: 7\nid: 8\0\ndata: 1\n\n", [Event(b"1", id="7")]),
    "retry takes digits": (b"retry: 250\ndata: 1\n\n", [Event(b"1", retry=250)]),
    "retry takes nothing else": (
        b"retry: -1\nretry: 2.5\nretry: \xd9\xa3\nretry:\ndata: 1\n\n",
        [Event(b"1")],
    ),
    "retry with more digits than a number may have": (
        b"retry: " + b"9" * 5000 + b"\ndata: 1\n\n",
        [Event(b"1")],
    ),
    "unknown fields and comments say nothing": (
        b"what: is\nDATA: this\n:\n: data: 0\ndata : 0\ndata: 1\n\n",
        [Event(b"1")],
    ),
    "a byte order mark at the beginning": (b"\xef\xbb\xbfdata: 1\n\n", [Event(b"1")]),
    "a second byte order mark is text": (b"\xef\xbb\xbf\xef\xbb\xbfdata: 1\n\n", []),
    "half a byte order mark is text": (b"\xef\xbbdata: 1\n\ndata: 2\n\n", [Event(b"2")]),
    "a line separator of Unicode ends no line": (
        "data: one\u2028two\x85\n\n".encode(),
        [Event("one\u2028two\x85".encode())],
    ),
    "CR, LF and CRLF end a line alike": (
        b"data: 1\r\rdata: 2\r\n\r\ndata: 3\n\ndata: 4\r\n\rdata: 5\n\r\n",
        [Event(b"1"), Event(b"2"), Event(b"3"), Event(b"4"), Event(b"5")],
    ),
    "LF CR are two ends": (b"data: 1\n\rdata: 2\n\n", [Event(b"1"), Event(b"2")]),
    "an event without its blank line never happens": (b"data: 1\n\ndata: 2\n", [Event(b"1")]),
    "nothing": (b"", []),
}


@pytest.mark.parametrize(("body", "events"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_a_body_gives_these_events_whole_and_byte_by_byte(body: bytes, events: list[Event]):
    assert decode(body) == events
    assert decode(*(bytes([byte]) for byte in body)) == events
    assert decode(body, b"") == events


# ── every cut ─────────────────────────────────────────────────────────────────────────────────

ENDS = [b"\n", b"\r", b"\r\n"]
LINES = st.one_of(
    st.sampled_from([b"", b"", b"data", b"data:", b"id", b":", b"event: x", b"id: 7", b"retry: 5"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")).map(
        lambda text: b"data: " + text.encode()
    ),
    st.binary(max_size=8).map(lambda junk: junk.replace(b"\n", b"").replace(b"\r", b"")),
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(st.tuples(LINES, st.sampled_from(ENDS)), max_size=12))
    mark, rest = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])), draw(LINES)
    return mark + b"".join(line + end for line, end in lines) + rest


def pieces(body: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    return [body[start:stop] for start, stop in pairwise(places)]


@given(bodies(), st.lists(st.integers(min_value=0, max_value=10_000), max_size=12))
def test_any_cut_of_any_body_gives_the_same_events(body: bytes, cuts: list[int]):
    assert decode(*pieces(body, cuts)) == decode(body)


TRICKY = "\ufeffid: é\r\ndata: 1\r\ndata: 😀\r\n\r\ndata: 2\r\n\ndata: 3\r\r\n: \r\n".encode()


def test_every_two_cuts_of_a_tricky_body_give_the_same_events():
    assert [event.data for event in decode(TRICKY)] == ["1\n😀".encode(), b"2", b"3"]
    places = range(len(TRICKY) + 1)
    for cuts in combinations_with_replacement(places, 2):  # twice the same: an empty chunk
        assert decode(*pieces(TRICKY, cuts)) == decode(TRICKY), cuts


def simple_decode(body: bytes) -> list[bytes]:
    """What the standard's processing model says about data, written down once more, plainly."""
    text = body.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    events, data = list[bytes](), ""
    *lines, _ = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line in lines:
        field, _, value = line.partition(":")
        if line == "":
            if data:
                events.append(data.removesuffix("\n").encode("utf-8", "surrogateescape"))
            data = ""
        elif field == "data":
            data += value.removeprefix(" ") + "\n"
    return events


@given(bodies())
def test_the_data_is_what_the_processing_model_of_the_standard_gives(body: bytes):
    assert [event.data for event in decode(body)] == simple_decode(body)


@given(st.lists(st.binary(max_size=20), max_size=8))
def test_no_bytes_break_the_decoder(chunks: list[bytes]):
    decode(*chunks)


def test_a_decoder_is_a_value_that_can_be_asked_twice():
    decoder, _ = EventDecoder().decode(b"data: 1\n")
    assert decoder.decode(b"\n") == decoder.decode(b"\n")
    assert decoder.decode(b"data: 2\n\n")[1] == [Event(b"1\n2")]


# ── another wire's frames, as events ──────────────────────────────────────────────────────────

FRAME = b'{"kind":"data","data":1,"channel":"c","topic":"t"}'
WIRE = SseWire(InngestWire("http://localhost:1", "c", {"t": None}, sse=True))


def test_each_event_is_a_frame_of_the_inner_wire():
    wire, updates = WIRE.receive(b":\n\ndata: " + FRAME + b"\n\ndata: " + FRAME[:20])
    assert [type(update) for update in updates] == [Received]
    _, updates = wire.receive(FRAME[20:] + b"\n\n")
    assert [type(update) for update in updates] == [Received]


def test_a_comment_is_a_sign_of_life_and_no_update():
    assert WIRE.receive(b":\n\n").updates == ()


def test_an_event_with_a_name_is_raw_text_to_the_inner_wire():
    [update] = WIRE.receive(b"event: inngest.stream\ndata: " + FRAME + b"\n\n").updates
    assert update == Raw(b"event: inngest.stream\n" + FRAME)


def test_a_new_body_begins_without_what_the_last_one_left_unfinished():
    wire, _ = WIRE.receive(b"data: half an event\n")
    wire, request = wire.open(SubscriptionToken(SecretStr("key")))
    assert request.url == "http://localhost:1/v1/realtime/sse"
    [update] = wire.receive(b"data: " + FRAME + b"\n\n").updates
    assert isinstance(update, Received)


def test_what_the_inner_wire_learnt_from_one_event_holds_for_the_next():
    start = b'{"kind":"datastream-start","data":"s","channel":"c","topic":"t"}'
    chunk = b'{"kind":"chunk","stream_id":"s","data":"x"}'
    _, updates = WIRE.receive(b"data: " + start + b"\n\ndata: " + chunk + b"\n\n")
    assert [type(update).__name__ for update in updates] == ["StreamOpened", "Chunk"]


def test_a_line_of_a_megabyte_is_not_copied_with_every_piece() -> None:
    body = b"data: " + b"x" * 1024 * 1024
    decoder = EventDecoder()
    for index in range(0, len(body), 100):
        decoder, _ = decoder.decode(body[index : index + 100])
        assert len(decoder.rest) < 25  # each longer than all that follow it: so a byte moves seldom
        assert all(len(one) > len(other) for one, other in itertools.pairwise(decoder.rest))
    _, events = decoder.decode(b"\n\n")
    assert [len(event.data) for event in events] == [1024 * 1024]
