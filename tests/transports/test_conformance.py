"""One suite for all that carries: what a source may rely on, whichever it is."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.util import find_spec
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosedError

from rx_realtime.errors import (
    ConnectFailed,
    ConnectionLost,
    Forbidden,
    FrameTooLarge,
    NotAuthorized,
    NotFound,
    OptionError,
    Refused,
    Stalled,
    WireError,
    is_retryable,
    least_wait,
)
from rx_realtime.models import Opened
from rx_realtime.testing import FaultProxy, Line
from rx_realtime.transports import Settings
from tests.transports.certificates import Authority
from tests.transports.kinds import KEY, PLAIN, SSE, Kind
from tests.transports.peers import PING, Call, Peer, Script, closing, deflate, frame
from tests.watching import Watch

FRAMES = [b"one", b"", b"\xff\xfe no UTF-8 \x00", "vier €".encode(), b"5" * 70_000]


def answering(status: int, body: bytes = b"", **headers: str) -> Script:
    async def script(call: Call) -> None:
        await call.answer(status, body, **headers)

    return script


async def say_nothing(call: Call) -> None:
    await call.reader.read()


# ── open, deliver, end ────────────────────────────────────────────────────────────────────────


async def test_it_says_that_it_is_open_and_then_delivers_every_byte_in_order(kind: Kind):
    async with Peer(kind.listening(*FRAMES)) as peer, kind.open(peer) as watch:
        whole = b"".join(FRAMES)
        await watch.until(lambda: len(b"".join(watch.of(bytes))) == len(whole))
        assert watch.values[0] == Opened()
        assert b"".join(watch.of(bytes)) == whole
        if kind.is_websocket:
            assert watch.of(bytes) == FRAMES


async def test_nothing_happens_before_it_is_subscribed_and_each_time_again(kind: Kind):
    async with Peer(kind.listening(b"x")) as peer:
        source = kind.transport(kind.request(peer.url(kind.name)), PLAIN)
        assert peer.calls == 0
        for _ in range(2):
            async with Watch(source) as watch:
                assert await watch.until_count(2) == [Opened(), b"x"]
        assert peer.calls == 2


async def test_it_never_completes_a_peer_that_ends_well_has_proved_nothing(kind: Kind):
    async def script(call: Call) -> None:
        await kind.accept(call)
        await call.say(kind.encode(b"last"), *([closing(1000)] if kind.is_websocket else []))

    async with Peer(script) as peer, kind.open(peer) as watch:
        error = await watch.error()
        assert isinstance(error, ConnectionLost)
        assert is_retryable(error)
        assert watch.values == [Opened(), b"last"]


async def test_what_was_said_before_the_connection_broke_off_is_delivered(kind: Kind):
    async def script(call: Call) -> None:
        await kind.accept(call)
        await call.say(*[kind.encode(b"%d" % number) for number in range(1000)])

    async with Peer(script) as peer, kind.open(peer) as watch:
        assert isinstance(await watch.error(), ConnectionLost)
        assert b"".join(watch.of(bytes)) == b"".join(b"%d" % number for number in range(1000))


async def test_nobody_listens_there(kind: Kind):
    async with Peer(say_nothing) as peer:
        pass
    async with kind.open(peer) as watch:
        error = await watch.error()
        assert isinstance(error, ConnectFailed)
        assert is_retryable(error)
        assert error.why not in ("", "ConnectError")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "a" * 64 + ".example"])
async def test_a_name_that_leads_nowhere_is_a_typed_error_in_the_words_of_the_resolver(
    kind: Kind, host: str
):
    scheme = "wss" if kind.is_websocket else "https"
    request = kind.request(f"{scheme}://{host}/listen")
    async with Watch(kind.transport(request, PLAIN)) as watch:
        error = await watch.error()
        assert isinstance(error, ConnectFailed)
        assert len(error.why) > 10


@pytest.mark.parametrize(
    "url",
    ["http://[::1", "ws://[::1", "ftp://localhost/", "localhost", "", "http://localhost:abc/"],
)
async def test_what_is_no_url_is_a_typed_error(kind: Kind, url: str):
    async with Watch(kind.transport(kind.request(url), PLAIN)) as watch:
        error = await watch.error()
        assert isinstance(error, ConnectFailed | OptionError)
        assert not is_retryable(error)


@contextmanager
def black_hole(port: int) -> Iterator[str]:
    """Answer nobody: a queue for callers that is full already. Yields its address."""
    address = "127.0.0.2"
    with ExitStack() as stack:
        hole = stack.enter_context(socket.socket())
        try:
            hole.bind((address, port))
        except OSError:
            pytest.skip("this machine has only one loopback address")
        hole.listen(0)
        for _ in range(3):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex((address, port))
        yield address


async def test_an_address_where_nobody_answers_does_not_use_up_the_time_for_the_next(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
):
    """Fault 32."""
    async with Peer(kind.listening()) as peer:
        with black_hole(peer.port) as address:
            ways = [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, peer.port))
                for each in (address, "127.0.0.1")
            ]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: ways)
            settings = Settings(open_timeout=3, allow_insecure=True)
            request = kind.request(peer.url(kind.name, "two.example.invalid"))
            async with Watch(kind.transport(request, settings)) as watch:
                assert await watch.until_count(1) == [Opened()]


# ── leaving ───────────────────────────────────────────────────────────────────────────────────


async def test_leaving_closes_with_1000(kind: Kind):
    left: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def script(call: Call) -> None:
        await kind.accept(call)
        left.set_result(await call.until_left())

    async with Peer(script) as peer:
        async with kind.open(peer) as watch:
            await watch.until_count(1)
        assert await left == (1000 if kind.is_websocket else None)
        assert not watch.has_ended


async def test_leaving_twice_is_leaving_once(kind: Kind):
    async with Peer(kind.listening()) as peer, kind.open(peer) as watch:
        await watch.until_count(1)
        watch.leave()
        watch.leave()


async def test_who_leaves_inside_on_next_is_told_nothing_more(kind: Kind):
    async with Peer(kind.listening(b"1", b"2", b"3")) as peer:
        request = kind.request(peer.url(kind.name))
        watch = Watch(kind.transport(request, PLAIN), lambda _: watch.leave())
        async with watch:
            await watch.until_count(1)
            await asyncio.gather(*peer._tasks)  # the server has seen us go
            assert watch.values == [Opened()]
            assert not watch.has_ended


@pytest.mark.parametrize("when", ["name", "connect", "handshake"])
async def test_leaving_while_it_connects(kind: Kind, when: str):
    asked = asyncio.Event()

    async def script(call: Call) -> None:
        asked.set()
        await call.reader.read()

    async with Peer(script) as peer:
        async with kind.open(peer) as watch:
            if when == "connect":
                await asyncio.sleep(0)
            if when == "handshake":
                await asked.wait()
        await asyncio.gather(*peer._tasks)  # the server has seen us go
        assert watch.values == []
        assert not watch.has_ended


async def test_another_thread_may_leave(kind: Kind):
    async with Peer(kind.listening()) as peer, kind.open(peer) as watch:
        await watch.until_count(1)
        thread = threading.Thread(target=watch.leave)
        thread.start()
        await asyncio.gather(*peer._tasks)
        thread.join()


async def test_a_next_connection_waits_until_the_last_has_said_goodbye(ws: Kind):
    said = list[str]()

    async def script(call: Call) -> None:
        said.append("hello")
        await call.upgrade()
        await call.until_left()
        said.append("goodbye")

    async with Peer(script) as peer:
        async with ws.open(peer) as first:
            await first.until_count(1)
        async with ws.open(peer) as second:
            await second.until_count(1)
            assert said == ["hello", "goodbye", "hello"]


async def test_a_next_connection_does_not_wait_forever_for_a_peer_that_vanished(ws: Kind):
    async with Peer(ws.listening()) as peer, FaultProxy(peer.url("websocket")) as proxy:
        settings = Settings(close_timeout=0.05)
        source = ws.transport(ws.request(proxy.url), settings)
        async with Watch(source) as first:
            await first.until_count(1)
            proxy.silence()
        async with Watch(source) as second:
            await second.until_count(1)


def test_a_loop_that_ends_takes_its_connections_with_it(kind: Kind):
    left = list[Any]()

    async def main() -> None:
        async with Peer(kind.listening()) as peer:
            watch = await kind.open(peer).__aenter__()
            await watch.until_count(1)
            left.append(watch.subscription)

    asyncio.run(main())
    left[0].dispose()  # too late, and no error


class Broken(Exception):
    pass


@pytest.mark.parametrize(
    "error", [Broken(), httpx2.ReadTimeout(""), ConnectionClosedError(None, None), TimeoutError()]
)
async def test_what_a_subscriber_raises_is_not_taken_for_the_networks(kind: Kind, error: Exception):
    def fail(_: object) -> None:
        raise error

    async with Peer(kind.listening()) as peer:
        request = kind.request(peer.url(kind.name))
        async with Watch(kind.transport(request, PLAIN), fail) as watch:
            assert await watch.error() is error


# ── the token ─────────────────────────────────────────────────────────────────────────────────


async def test_the_token_travels_in_the_header(kind: Kind):
    async with Peer(kind.listening()) as peer, kind.open(peer) as watch:
        assert await watch.until_count(1) == [Opened()]
        [asked] = peer.asked
        assert asked.headers["authorization"] == f"Bearer {KEY}"
        assert asked.target == "/listen"


async def test_only_a_401_moves_the_token_into_the_url(kind: Kind):
    async def script(call: Call) -> None:
        if "authorization" in call.asked.headers:
            await call.answer(401)
        else:
            await kind.listening()(call)

    async with Peer(script) as peer, kind.open(peer) as watch:
        assert await watch.until_count(1) == [Opened(token_in_url=True)]
        assert [asked.target for asked in peer.asked] == ["/listen", f"/listen?token={KEY}"]


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
async def test_any_other_refusal_leaves_the_token_in_the_header(kind: Kind, status: int):
    async with Peer(answering(status)) as peer, kind.open(peer) as watch:
        await watch.error()
        assert [asked.target for asked in peer.asked] == ["/listen"]


async def test_a_token_that_is_accepted_nowhere_is_shown_twice_and_no_more(kind: Kind):
    async with Peer(answering(401, b"who?")) as peer, kind.open(peer) as watch:
        error = await watch.error()
        assert isinstance(error, NotAuthorized)
        assert error.detail == "who?"
        assert len(peer.asked) == 2


async def test_where_the_url_is_no_place_for_a_token_it_stays_out(kind: Kind):
    async with Peer(answering(401)) as peer, kind.open(peer, token_parameter=None) as watch:
        assert isinstance(await watch.error(), NotAuthorized)
        assert len(peer.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("is_elsewhere", [False, True])
async def test_no_redirect_is_followed(kind: Kind, status: int, is_elsewhere: bool):
    async with Peer(kind.listening()) as elsewhere:
        where = elsewhere.url(kind.name) if is_elsewhere else "/other"
        async with Peer(answering(status, location=where)) as peer, kind.open(peer) as watch:
            error = await watch.error()
            assert isinstance(error, Refused)
            assert error.status == status
            assert not is_retryable(error)
            assert len(peer.asked) == 1
        assert elsewhere.asked == []


# ── settings ──────────────────────────────────────────────────────────────────────────────────


async def test_a_server_that_does_not_answer_is_given_up_after_the_open_timeout(kind: Kind):
    async with Peer(say_nothing) as peer, kind.open(peer, Settings(open_timeout=0.05)) as watch:
        error = await watch.error()
        assert isinstance(error, ConnectFailed)
        assert is_retryable(error)
        assert str(error) == "no connection: it took longer than 0.05 s"
        await asyncio.gather(*peer._tasks)  # the server has seen us go


async def test_a_handshake_of_a_byte_at_a_time_is_given_up_after_the_open_timeout(kind: Kind):
    async with Peer(kind.listening()) as peer, FaultProxy(peer.url(kind.name)) as proxy:
        proxy.down = Line(piece=1, pause=0.01)
        settings = Settings(open_timeout=0.1, idle_timeout=5)
        async with Watch(kind.transport(kind.request(proxy.url), settings)) as watch:
            error = await watch.error()
            assert isinstance(error, ConnectFailed)
            assert error.why == "it took longer than 0.1 s"


async def test_a_slow_line_is_no_fault_where_it_is_fast_enough(kind: Kind):
    async with Peer(kind.listening(b"x" * 50)) as peer, FaultProxy(peer.url(kind.name)) as proxy:
        proxy.down = proxy.up = Line(piece=7, pause=0.001, delay=0.001)
        async with Watch(kind.transport(kind.request(proxy.url), PLAIN)) as watch:
            await watch.until(lambda: b"".join(watch.of(bytes)) == b"x" * 50)


async def test_a_peer_that_vanished_is_found_out(kind: Kind):
    """Case 17."""
    async with Peer(kind.listening()) as peer, FaultProxy(peer.url(kind.name)) as proxy:
        settings = Settings(
            ping_interval=0.05, pong_timeout=0.05, close_timeout=0.05, idle_timeout=0.1
        )
        async with Watch(kind.transport(kind.request(proxy.url), settings)) as watch:
            await watch.until_count(1)
            proxy.silence()
            error = await watch.error()
            assert isinstance(error, Stalled)
            assert error.seconds == 0.1
            assert is_retryable(error)


async def test_a_ping_is_answered(ws: Kind):
    async def script(call: Call) -> None:
        await call.upgrade()
        await call.say(frame(b"7", PING))
        first, length = await call.reader.readexactly(2)
        assert (first & 0x0F, length & 0x7F) == (0xA, 1)
        await call.say(frame(b"answered"))

    async with Peer(script) as peer, ws.open(peer) as watch:
        await watch.until(lambda: b"answered" in watch.values)


async def test_more_than_max_size_at_once_is_an_error_that_names_it(kind: Kind):
    async def script(call: Call) -> None:
        await kind.accept(call)
        await call.say(kind.encode(b"data: small\n\n"), kind.encode(b"data: " + b"x" * 1000))
        await call.until_left()

    async with Peer(script) as peer, kind.open(peer, Settings(max_size=1000)) as watch:
        error = await watch.error()
        assert isinstance(error, FrameTooLarge)
        assert error.limit == 1000
        assert "`max_size`" in str(error)
        assert not is_retryable(error)
        assert b"".join(watch.of(bytes)).startswith(b"data: small\n\n")


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\r\r"])
@pytest.mark.parametrize("cut", [1, 7, 1000])
async def test_the_limit_is_for_one_event_and_not_for_all_of_them(end: bytes, cut: int):
    body = (b"data: " + b"x" * 50 + end) * 20
    pieces = [body[start : start + cut] for start in range(0, len(body), cut)]
    async with Peer(SSE.listening(*pieces)) as peer:
        limit = 70 if cut < 1000 else 2000
        async with SSE.open(peer, Settings(max_size=limit)) as watch:
            await watch.until(lambda: len(b"".join(watch.of(bytes))) == len(body))


async def test_a_frame_that_never_ends_takes_no_more_than_the_limit(kind: Kind):
    async def script(call: Call) -> None:
        await kind.accept(call)
        if kind.is_websocket:  # it says how long it is going to be, or does not: fragments
            await call.say(b"\x01\x00")
        while True:
            data = b"x" * 50_000
            await call.say(
                b"\x00\x7e" + len(data).to_bytes(2) + data if kind.is_websocket else data
            )

    limit = 1_000_000
    settings = Settings(max_size=limit, close_timeout=0.05)
    async with Peer(script) as peer, kind.open(peer, settings) as watch:
        assert isinstance(await watch.error(), FrameTooLarge)
        assert sum(map(len, watch.of(bytes))) <= limit + 65_536


@pytest.mark.parametrize("name", ["http_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"])
async def test_no_proxy_is_asked_on_this_machine(
    kind: Kind, name: str, monkeypatch: pytest.MonkeyPatch
):
    async with Peer(answering(502)) as proxy, Peer(kind.listening()) as peer:
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with kind.open(peer) as watch:
            await watch.until_count(1)
        assert proxy.asked == []


@pytest.mark.parametrize("scheme", ["socks5", "gopher"])
async def test_a_proxy_that_cannot_be_used_is_a_typed_error(
    kind: Kind, scheme: str, monkeypatch: pytest.MonkeyPatch
):
    """With `python-socks`, which others may bring, a SOCKS proxy could be used, were it there."""
    monkeypatch.setenv("all_proxy", f"{scheme}://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", f"{scheme}://127.0.0.1:9")
    url = "wss://example.invalid/" if kind.is_websocket else "https://example.invalid/"
    is_known = scheme == "socks5" and kind.is_websocket and find_spec("python_socks") is not None
    async with Watch(kind.transport(kind.request(url), PLAIN)) as watch:
        error = await watch.error()
        assert isinstance(error, ConnectFailed if is_known else OptionError)
        assert "proxy" in str(error)


@pytest.mark.parametrize(
    "host",
    ["example.invalid", "127.0.0.1.example.invalid", "localhost.example.invalid", "192.0.2.1"],
)
async def test_a_token_does_not_travel_in_the_clear_to_another_machine(kind: Kind, host: str):
    scheme = "ws" if kind.is_websocket else "http"
    async with Watch(kind.transport(kind.request(f"{scheme}://{host}/"), PLAIN)) as watch:
        error = await watch.error()
        assert isinstance(error, OptionError)
        assert "allow_insecure=True" in str(error)
        assert host in str(error)


async def test_unless_one_says_so(kind: Kind, monkeypatch: pytest.MonkeyPatch):
    async def script(call: Call) -> None:
        if "CONNECT" not in call.asked.target and kind.is_websocket:
            await call.say(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n")
        else:
            await call.answer(407)

    async with Peer(script) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        scheme = "ws" if kind.is_websocket else "http"
        request = kind.request(f"{scheme}://example.invalid/")
        async with Watch(kind.transport(request, Settings(allow_insecure=True))) as watch:
            error = await watch.error()
            assert "407" in str(error)
        assert "example.invalid" in proxy.asked[0].target


# ── TLS ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


async def test_a_certificate_that_is_trusted_opens(kind: Kind, authority: Authority):
    settings = Settings(ca_file=authority.ca_file)
    async with (
        Peer(kind.listening(b"x"), tls=authority.server("127.0.0.1")) as peer,
        kind.open(peer, settings) as watch,
    ):
        assert await watch.until_count(2) == [Opened(), b"x"]


@pytest.mark.parametrize("fault", ["untrusted", "expired", "wrong host"])
async def test_a_certificate_that_cannot_be_verified_is_final(
    kind: Kind, authority: Authority, fault: str
):
    tls = {
        "untrusted": lambda: authority.server("127.0.0.1"),
        "expired": lambda: authority.server("127.0.0.1", is_expired=True),
        "wrong host": lambda: authority.server("example.com"),
    }[fault]()
    settings = Settings(ca_file=None if fault == "untrusted" else authority.ca_file)
    async with Peer(kind.listening(), tls=tls) as peer, kind.open(peer, settings) as watch:
        error = await watch.error()
        assert isinstance(error, ConnectFailed)
        assert not error.transient
        assert not is_retryable(error)
        assert peer.asked == []


async def test_a_tls_handshake_that_stalls_may_succeed_later(kind: Kind):
    async with Peer(say_nothing) as peer:
        scheme = "wss" if kind.is_websocket else "https"
        request = kind.request(f"{scheme}://127.0.0.1:{peer.port}/")
        async with Watch(kind.transport(request, Settings(open_timeout=0.05))) as watch:
            error = await watch.error()
            assert isinstance(error, ConnectFailed)
            assert error.transient


async def test_tls_never_falls_back_to_plain_text(kind: Kind):
    async with Peer(kind.listening()) as peer:
        scheme = "wss" if kind.is_websocket else "https"
        request = kind.request(f"{scheme}://127.0.0.1:{peer.port}/")
        async with Watch(kind.transport(request, Settings(open_timeout=0.2))) as watch:
            assert isinstance(await watch.error(), ConnectFailed)
        assert peer.asked == []


async def test_a_file_without_certificates_is_named(kind: Kind):
    scheme = "wss" if kind.is_websocket else "https"
    settings = Settings(ca_file="no/such.pem")
    request = kind.request(f"{scheme}://127.0.0.1:9/")
    async with Watch(kind.transport(request, settings)) as watch:
        error = await watch.error()
        assert isinstance(error, OptionError)
        assert "no/such.pem" in str(error)


# ── what servers answer instead ───────────────────────────────────────────────────────────────


async def test_a_login_page_is_no_event_stream(kind: Kind):
    page = answering(200, b"<html>Please log in</html>", content_type="text/html")
    async with Peer(page) as peer, kind.open(peer) as watch:
        error = await watch.error()
        assert not is_retryable(error)
        if kind is SSE:
            assert isinstance(error, WireError)
            assert "text/html" in str(error)
        else:
            assert isinstance(error, Refused)
            assert error.status == 200


@pytest.mark.parametrize(
    ("status", "sort", "retries"),
    [
        (400, Refused, False),
        (401, NotAuthorized, False),
        (403, Forbidden, False),
        (404, NotFound, False),
        (408, Refused, True),
        (409, Refused, True),
        (410, Refused, False),
        (422, Refused, False),
        (425, Refused, True),
        (429, Refused, True),
        (500, Refused, True),
        (502, Refused, True),
        (503, Refused, True),
        (520, Refused, True),
    ],
)
async def test_a_status_says_whether_to_come_back(
    kind: Kind, status: int, sort: type[Refused], retries: bool
):
    async with Peer(answering(status, b"why")) as peer, kind.open(peer) as watch:
        error = await watch.error()
        assert type(error) is sort
        assert (error.status, error.detail) == (status, "why")
        assert is_retryable(error) is retries
        assert error.retry_after is None


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        ("0.5", 0.5, 0.5),
        ("-3", 0, 0),
        ("86400", 3600, 3600),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 0, 0),
        ("in ten minutes", 500, 600),
    ],
)
async def test_the_least_wait_is_what_the_server_asks_for(
    kind: Kind, status: int, header: str, least: float, most: float
):
    if header == "in ten minutes":
        header = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    async with Peer(answering(status, retry_after=header)) as peer, kind.open(peer) as watch:
        error = await watch.error()
        assert isinstance(error, Refused)
        assert least <= least_wait(error) <= most


@pytest.mark.parametrize("header", ["soon", "", "nan", "inf", "1e999", "Thu, 99 Foo", "9" * 5000])
async def test_a_wait_that_is_none_is_no_trouble(kind: Kind, header: str):
    async with Peer(answering(503, retry_after=header)) as peer, kind.open(peer) as watch:
        error = await watch.error()
        assert isinstance(error, Refused)
        assert 0 <= least_wait(error) <= 3600


async def test_of_an_endless_refusal_only_the_beginning_is_read(kind: Kind):
    sent = 0

    async def script(call: Call) -> None:
        nonlocal sent
        await call.say(b"HTTP/1.1 503 No\r\ncontent-length: 1000000000\r\n\r\n")
        for _ in range(20_000):
            await call.say(b"x" * 50_000)
            sent += 50_000

    async with Peer(script) as peer:
        async with kind.open(peer, Settings(open_timeout=0.5)) as watch:
            assert isinstance(await watch.error(), Refused | ConnectFailed)
        assert kind.is_websocket or sent < 16_000_000


async def test_a_refusal_whose_text_never_comes_is_a_refusal_all_the_same():
    async def script(call: Call) -> None:
        await call.say(b"HTTP/1.1 403 No\r\ncontent-length: 100\r\n\r\nthe begin")
        await call.reader.read()

    async with Peer(script) as peer, SSE.open(peer, Settings(open_timeout=0.05)) as watch:
        error = await watch.error()
        assert isinstance(error, Forbidden)
        assert error.detail == "the begin"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x00" * 100,
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"",
    ],
)
async def test_nonsense_instead_of_an_answer_is_a_typed_error(kind: Kind, answer: bytes):
    async def script(call: Call) -> None:
        await call.say(answer)

    async with Peer(script) as peer, kind.open(peer, Settings(open_timeout=0.2)) as watch:
        assert isinstance(await watch.error(), ConnectFailed | Refused | WireError)
        assert watch.values == []


@pytest.mark.parametrize(
    ("code", "retries"),
    [
        (1000, True),
        (1001, True),
        (1008, False),
        (1009, True),
        (1011, True),
        (1012, True),
        (1013, True),
        (3000, True),
        (4000, True),
        (4001, False),
        (4003, False),
        (4401, False),
        (4403, False),
    ],
)
async def test_a_close_code_says_whether_to_come_back(ws: Kind, code: int, retries: bool):
    async def script(call: Call) -> None:
        await call.upgrade()
        await call.say(closing(code, "because"))

    async with Peer(script) as peer, ws.open(peer) as watch:
        error = await watch.error()
        assert isinstance(error, ConnectionLost)
        assert (error.code, error.reason) == (code, "because")
        assert is_retryable(error) is retries
        assert least_wait(error) == (5 if code == 1013 else 0)


async def test_a_peer_that_closes_and_stays_is_left_after_the_close_timeout(ws: Kind):
    async def script(call: Call) -> None:
        await call.upgrade()
        await call.say(closing(1001))
        await call.reader.read()

    async with Peer(script) as peer, ws.open(peer, Settings(close_timeout=0.05)) as watch:
        error = await watch.error()
        assert isinstance(error, ConnectionLost)
        assert error.code == 1001


@pytest.mark.parametrize("how", ["reset", "end"])
async def test_without_a_close_frame_the_code_is_1006(ws: Kind, how: str):
    async with (
        Peer(ws.listening()) as peer,
        FaultProxy(peer.url("websocket")) as proxy,
        Watch(ws.transport(ws.request(proxy.url), PLAIN)) as watch,
    ):
        await watch.until_count(1)
        getattr(proxy, how)()
        error = await watch.error()
        assert isinstance(error, ConnectionLost)
        assert error.code == 1006
        assert is_retryable(error)


@pytest.mark.parametrize(
    "nonsense", [b"\xff\xff\xff", b"\x80\x80", b"\x01\x81aaaaa", closing(999), frame(b"\x03", 0x8)]
)
async def test_who_breaks_the_websocket_protocol_is_not_asked_again(ws: Kind, nonsense: bytes):
    async def script(call: Call) -> None:
        await call.upgrade()
        await call.say(nonsense)
        await call.reader.read()

    async with Peer(script) as peer, ws.open(peer, Settings(close_timeout=0.05)) as watch:
        error = await watch.error()
        assert isinstance(error, WireError)
        assert not is_retryable(error)


# ── compression ───────────────────────────────────────────────────────────────────────────────


async def test_a_body_that_is_compressed_unasked_is_not_unpacked():
    async def script(call: Call) -> None:
        assert call.asked.headers["accept-encoding"] == "identity"
        await call.begin_events(content_encoding="gzip")
        await call.say(b"\x1f\x8b")
        await call.reader.read()

    async with Peer(script) as peer, SSE.open(peer) as watch:
        error = await watch.error()
        assert isinstance(error, WireError)
        assert "gzip" in str(error)
        assert watch.values == []


async def test_a_bomb_in_a_websocket_frame_is_not_unpacked_beyond_the_limit(
    ws: Kind,
    monkeypatch: pytest.MonkeyPatch,
):
    """It is compressed only to other machines: this one stands behind a proxy."""
    deflated = deflate(b"\0" * 50_000_000)
    assert len(deflated) < 60_000

    async def script(call: Call) -> None:
        if call.asked.target.startswith("example.invalid"):  # CONNECT
            await call.say(b"HTTP/1.1 200 OK\r\n\r\n")
            head = (await call.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            named = (line.partition(": ") for line in head[1:] if line)
            call.asked.headers.update({name.lower(): value for name, _, value in named})
        await call.upgrade("Sec-WebSocket-Extensions: permessage-deflate")
        await call.say(frame(deflated, compressed=True))
        await call.reader.read()

    unpacked = list[int]()
    import zlib

    real = zlib.decompressobj

    def counting(*arguments: Any, **named: Any) -> Any:
        inner = real(*arguments, **named)

        class Counted:
            unconsumed_tail = b""

            def decompress(self, data: bytes, most: int = 0) -> bytes:
                out = inner.decompress(data, most)
                self.unconsumed_tail = inner.unconsumed_tail
                unpacked.append(len(out))
                return out

            def __getattr__(self, name: str) -> Any:
                return getattr(inner, name)

        return Counted()

    monkeypatch.setattr(zlib, "decompressobj", counting)
    async with Peer(script) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        settings = Settings(allow_insecure=True, max_size=1_000_000, close_timeout=0.05)
        source = ws.transport(ws.request("ws://example.invalid/listen"), settings)
        async with Watch(source) as watch:
            error = await watch.error()
            assert isinstance(error, FrameTooLarge)
    assert 1_000_000 <= sum(unpacked) <= 3_000_000
