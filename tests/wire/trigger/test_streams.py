"""The stream wire: any cut of any body says the same, and nothing a peer sends makes it raise."""

from __future__ import annotations

import itertools
import tracemalloc
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from rx_realtime.models import Chunk, Closed, SubscriptionToken, Topic, Update
from rx_realtime.wire.trigger import Account
from rx_realtime.wire.trigger.streams import StreamWire, stream_wire
from tests.virtual_streams import PING, batch, line, record

ANYTHING: Any = Any
AI: Topic[Any] = Topic(ANYTHING, name="ai")
TOKEN = SubscriptionToken(SecretStr("tr_pat_canary"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
RECORDS = st.builds(record, st.integers(0, 6), JSON)
EVENTS = st.one_of(
    st.lists(RECORDS, max_size=4).map(lambda records: batch(*records)),
    st.builds(lambda number, data: line(f"{number}-0", data), st.integers(0, 9), JSON),
    st.sampled_from([PING, b": ping\n\n", b"event: error\ndata: x\n\n", b"\xef\xbb\xbf", b"\r\n"]),
    st.binary(max_size=12),
)
BODIES = st.lists(EVENTS, max_size=8).map(b"".join)


def wire(**options: Any) -> StreamWire:
    return stream_wire(Account("https://api.trigger.dev"), "run_1", AI, **options)


def received(wire: StreamWire, *pieces: bytes) -> tuple[StreamWire, list[Update]]:
    updates = list[Update]()
    for piece in pieces:
        wire, more = wire.receive(piece)
        updates += more
        if more and isinstance(more[-1], Closed):
            break
    return wire, [plain(update) for update in updates]


def plain(update: Update) -> Any:
    return str(update) if isinstance(update, Closed) else update


@settings(max_examples=60)
@given(BODIES, st.lists(st.integers(0, 300), max_size=6))
def test_any_cut_of_any_body_says_the_same(body: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    pieces = [body[start:end] for start, end in itertools.pairwise(places)]
    whole, said = received(wire(), body)
    split, same = received(wire(), *pieces)
    assert same == said
    if not any(isinstance(each, str) for each in said):  # what follows an end is never read
        assert (split.order, split.seen) == (whole.order, whole.seen)
        assert b"".join(split.decoder.rest) == b"".join(whole.decoder.rest)


@settings(max_examples=40)
@given(BODIES)
def test_byte_by_byte_it_says_the_same(body: bytes) -> None:
    pieces = [body[index : index + 1] for index in range(len(body))]
    assert received(wire(), *pieces)[1] == received(wire(), body)[1]


@given(st.lists(st.integers(0, 12), max_size=12), st.integers(0, 12))
def test_however_a_log_is_cut_and_repeated_each_record_comes_once_and_in_order(
    cuts: list[int], behind: int
) -> None:
    log = [record(number, number, part=f"p{number}") for number in range(13)]
    here, got = wire(), list[Any]()
    for cut in (*cuts, 12):
        here, request = here.open(TOKEN)
        after = request.headers.get("Last-Event-ID")
        start = 0 if after is None else max(0, int(after) + 1 - behind)  # it repeats some
        if start > cut:
            continue
        here, updates = here.receive(batch(*log[start : cut + 1]))
        got += [update.data for update in updates if isinstance(update, Chunk)]
    assert got == list(range(13))


@given(st.permutations(range(10)))
def test_records_out_of_order_are_put_in_order(numbers: list[int]) -> None:
    here, got = received(wire(after="0"), *(batch(record(n + 1, n)) for n in numbers))
    assert [update.data for update in got if isinstance(update, Chunk)] == list(range(10))
    assert not here.order.held


def test_the_token_is_in_the_request_and_nowhere_else() -> None:
    opened, request = wire().open(TOKEN)
    assert request.token == TOKEN.key
    assert "canary" not in repr(opened) + repr(request)


def test_a_record_of_a_megabyte_passes_in_small_pieces() -> None:
    body = batch(record(0, "x" * 1024 * 1024))
    pieces = [body[index : index + 1000] for index in range(0, len(body), 1000)]
    _, (chunk,) = received(wire(), *pieces)
    assert isinstance(chunk, Chunk)
    assert len(chunk.data) == 1024 * 1024


def test_what_a_long_stream_leaves_behind_does_not_grow() -> None:
    """Of eight megabytes the ids of the last records are kept, and nothing else."""
    here, many = wire(), 100
    tracemalloc.start()
    for number in range(0, 8_000, many):
        numbers = range(number, number + many)
        here, _ = here.receive(batch(*(record(n, "x" * 1000, part=f"p{n}") for n in numbers)))
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(here.seen) < 7_000
    assert kept < 1_500_000
    assert most < 2_500_000
