"""What becomes of websocket frames, whichever library reads them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Self

import pytest

from rx_realtime.errors import ConnectFailed, ConnectionLost, FrameTooLarge, WireError
from rx_realtime.models import Opened
from rx_realtime.sources import Feed
from rx_realtime.transports import Settings
from tests.transports.kinds import Kind
from tests.transports.peers import (
    BINARY,
    CONTINUATION,
    PING,
    TEXT,
    Call,
    Peer,
    Script,
    closing,
    deflate,
    frame,
    frames,
)
from tests.watching import Watch

MANY = 10_000
BURST = b"".join(frame(b"%d" % number) for number in range(MANY))
WORDS = [b"%d" % number for number in range(MANY)]


def saying(*data: bytes, extension: str | None = None) -> Script:
    """Say these bytes, and wait until the client leaves."""
    headers = [] if extension is None else [f"Sec-WebSocket-Extensions: {extension}"]

    async def script(call: Call) -> None:
        await call.upgrade(*headers)
        await call.say(*data)
        await call.until_left()

    return script


# ── in several frames ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("between", [b"", frame(b"?", PING), frame(b"", PING)])
@pytest.mark.parametrize(
    "pieces",
    [
        [b"one ", b"two"],
        [b"", b"all of it", b""],
        [b"in ", b"", b"", b"the middle"],
        [b"", b""],
        [b"x" * 70_000, b"y" * 300],
    ],
)
async def test_a_message_may_come_in_several_frames(ws: Kind, pieces: list[bytes], between: bytes):
    said = frame(b"before") + frames(pieces, between=between) + frame(b"after")
    async with Peer(saying(said)) as peer, ws.open(peer) as watch:
        await watch.until_count(4)
        assert watch.values == [Opened(), b"before", b"".join(pieces), b"after"]


async def test_a_message_may_come_a_byte_at_a_time(ws: Kind):
    said = frames([b"one ", b"", b"two"], between=frame(b"?", PING)) + frame(b"after", BINARY)
    each = [said[start : start + 1] for start in range(len(said))]
    async with Peer(saying(*each)) as peer, ws.open(peer) as watch:
        await watch.until_count(3)
        assert watch.values == [Opened(), b"one two", b"after"]


async def test_a_ping_between_the_frames_of_a_message_is_answered_at_once(ws: Kind):
    async def script(call: Call) -> None:
        await call.upgrade()
        await call.say(frame(b"one ", is_last=False), frame(b"7", PING))
        first, length = await call.reader.readexactly(2)
        assert (first & 0x0F, length & 0x7F) == (0xA, 1)
        await call.reader.readexactly(4 + 1)
        await call.say(frame(b"two", CONTINUATION))
        await call.until_left()

    async with Peer(script) as peer, ws.open(peer) as watch:
        assert await watch.until_count(2) == [Opened(), b"one two"]


@pytest.mark.parametrize("extra", [0, 1])
async def test_the_limit_is_for_the_message_and_not_for_its_frames(ws: Kind, extra: int):
    pieces = [b"x" * 500, b"", b"x" * (500 + extra)]
    settings = Settings(max_size=1000)
    async with Peer(saying(frames(pieces))) as peer, ws.open(peer, settings) as watch:
        if extra:
            assert isinstance(await watch.error(), FrameTooLarge)
            assert watch.values == [Opened()]
        else:
            assert await watch.until_count(2) == [Opened(), b"x" * 1000]


@pytest.mark.parametrize(
    "nonsense",
    [
        frame(b"on", CONTINUATION),
        frame(b"one", is_last=False) + frame(b"another"),
        frame(b"one", is_last=False) + frame(b"another", BINARY),
        frame(b"flag 1", TEXT | 0x40),
        frame(b"flag 2", TEXT | 0x20),
        frame(b"flag 3", BINARY | 0x10),
        frame(b"", is_last=False) + frame(b"flag 2", CONTINUATION | 0x20),
        frame(b"?", PING, is_last=False),
        frame(b"?" * 126, PING),
        frame(b"unknown", 0x3),
        closing(1005),
        closing(1006),
        closing(5000),
    ],
)
async def test_what_came_before_nonsense_is_delivered_and_nothing_after_it(
    ws: Kind, nonsense: bytes
):
    settings = Settings(close_timeout=0.05)
    said = frame(b"before") + nonsense + frame(b"after") * 3
    async with Peer(saying(said)) as peer, ws.open(peer, settings) as watch:
        assert isinstance(await watch.error(), WireError)
        assert watch.values == [Opened(), b"before"]


async def test_of_a_frame_that_is_too_large_nothing_is_delivered_whenever_it_is_complete(ws: Kind):
    async def script(call: Call) -> None:
        await call.upgrade()
        whole = frame(b"x" * 1001)
        for piece in (whole[:4], whole[4:500], whole[500:], frame(b"after")):
            await call.say(piece)
        await call.until_left()

    async with Peer(script) as peer, ws.open(peer, Settings(max_size=1000)) as watch:
        assert isinstance(await watch.error(), FrameTooLarge)
        assert watch.values == [Opened()]


# ── many at once ──────────────────────────────────────────────────────────────────────────────


async def test_of_a_burst_that_an_iteration_reads_nothing_is_lost(ws: Kind):
    """Its buffer holds a tenth of it: the reader has its turn again and again."""
    async with Peer(saying(BURST)) as peer:
        source = ws.transport(ws.request(peer.url(ws.name)), Settings())
        async with Feed(source).iterate(buffer=1024, overflow="error") as values:
            assert await anext(values) == Opened()
            assert [await anext(values) for _ in range(MANY)] == WORDS


async def test_of_a_burst_that_ends_with_a_goodbye_all_is_delivered_before_the_error(ws: Kind):
    async with Peer(saying(BURST + closing(1001, "so long"))) as peer, ws.open(peer) as watch:
        error = await watch.error()
        assert isinstance(error, ConnectionLost)
        assert (error.code, error.reason) == (1001, "so long")
        assert watch.of(bytes) == WORDS


async def test_of_a_burst_that_breaks_off_all_whole_messages_are_delivered(ws: Kind):
    async def script(call: Call) -> None:
        await call.upgrade()
        await call.say(BURST + frame(b"the rest never comes")[:-1])

    async with Peer(script) as peer, ws.open(peer) as watch:
        error = await watch.error()
        assert isinstance(error, ConnectionLost)
        assert error.code == 1006
        assert watch.of(bytes) == WORDS


async def test_a_burst_leaves_others_their_turn(ws: Kind):
    """Never more than 256 messages are delivered before the event loop goes on to the next."""
    turns = Turns(lambda _: 1)
    async with Peer(saying(BURST)) as peer, turns, turns.watching(ws, peer) as watch:
        await watch.until_count(1 + MANY)
    assert 1 < turns.most <= 256 + 1  # `Opened` is one


async def test_a_flood_leaves_others_their_turn(ws: Kind):
    """Portions are read of 256 KiB, and never more than some before the event loop goes on."""
    words = [b"x" * 40_000] * 250
    turns = Turns(lambda got: len(got) if isinstance(got, bytes) else 0)
    said = saying(b"".join(map(frame, words)))
    async with Peer(said) as peer, turns, turns.watching(ws, peer) as watch:
        assert (await watch.until_count(1 + len(words)))[1:] == words
    assert 40_000 < turns.most < 1024 * 1024


class Turns:
    """Counts what comes in one turn of the event loop."""

    def __init__(self, count: Callable[[object], int]) -> None:
        self.most = self._now = 0
        self._count = count

    async def __aenter__(self) -> Self:
        self._begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._next.cancel()

    def watching(self, ws: Kind, peer: Peer) -> Watch:
        return Watch(ws.transport(ws.request(peer.url(ws.name)), Settings()), self._add)

    def _begin(self) -> None:
        self._now = 0
        self._next = asyncio.get_running_loop().call_soon(self._begin)

    def _add(self, got: object) -> None:
        self._now += self._count(got)
        self.most = max(self.most, self._now)


async def test_who_leaves_in_the_middle_of_a_burst_says_goodbye_all_the_same(ws: Kind):
    left: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def script(call: Call) -> None:
        await call.upgrade()
        await call.say(BURST * 20)  # more than is read at once
        left.set_result(await call.until_left())

    def leave(got: object) -> None:
        if got == b"300":
            watch.leave()

    async with Peer(script) as peer:
        settings = Settings(close_timeout=60)  # longer than what is left of a test may live
        source = ws.transport(ws.request(peer.url(ws.name)), settings)
        async with Watch(source, leave) as watch:
            assert await left == 1000
        assert watch.of(bytes) == WORDS[:301]


# ── compression ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """A name of this machine that looks like that of another one: there it is compressed."""
    real = socket.getaddrinfo

    def resolved(host: str, *arguments: object, **options: object) -> object:
        return real("127.0.0.1" if host == name else host, *arguments, **options)  # type: ignore[arg-type]

    name = "elsewhere.example.invalid"
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    return name


REMOTE = Settings(allow_insecure=True, max_size=1_000_000, close_timeout=0.05)


async def test_messages_are_unpacked_whole_or_in_frames(ws: Kind, elsewhere: str):
    packed = deflate(b"one two " * 1000)
    said = [
        frame(deflate(b"hello"), compressed=True),
        frames([packed[:7], b"", packed[7:]], between=frame(b"?", PING), compressed=True),
        frame(b"as it is"),
        frame(deflate(b"goodbye"), BINARY, compressed=True),
    ]
    extension = "permessage-deflate; server_no_context_takeover"
    async with Peer(saying(*said, extension=extension)) as peer:
        request = ws.request(peer.url(ws.name, elsewhere))
        async with Watch(ws.transport(request, REMOTE)) as watch:
            await watch.until_count(5)
            assert watch.of(bytes) == [b"hello", b"one two " * 1000, b"as it is", b"goodbye"]
        [asked] = peer.asked
        assert "permessage-deflate" in asked.headers["sec-websocket-extensions"]


@pytest.mark.parametrize("is_cut", [False, True])
async def test_what_unpacks_to_too_much_is_refused(ws: Kind, elsewhere: str, is_cut: bool):
    bomb = deflate(b"\0" * 50_000_000)
    said = frames([bomb[:1000], bomb[1000:]] if is_cut else [bomb], compressed=True)
    async with Peer(saying(said, extension="permessage-deflate")) as peer:
        request = ws.request(peer.url(ws.name, elsewhere))
        async with Watch(ws.transport(request, REMOTE)) as watch:
            assert isinstance(await watch.error(), FrameTooLarge)
            assert watch.values == [Opened()]


async def test_what_cannot_be_unpacked_breaks_the_protocol(ws: Kind, elsewhere: str):
    said = frame(b"\xff\xff no deflate", compressed=True)
    async with Peer(saying(said, extension="permessage-deflate")) as peer:
        request = ws.request(peer.url(ws.name, elsewhere))
        async with Watch(ws.transport(request, REMOTE)) as watch:
            assert isinstance(await watch.error(), WireError)


@pytest.mark.parametrize("extension", ["permessage-deflate", "x-unheard-of"])
async def test_an_extension_that_nobody_asked_for_is_no_connection(ws: Kind, extension: str):
    async with Peer(saying(extension=extension)) as peer, ws.open(peer) as watch:
        assert isinstance(await watch.error(), ConnectFailed)
        assert "sec-websocket-extensions" not in peer.asked[0].headers
