"""A canary for a token and one for a signing key: neither sings anywhere."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from tenacity import wait_none

import rx_realtime as rxr
from rx_realtime.server import DevServer
from rx_realtime.testing import FaultProxy
from tests.faults.world import CHANNEL, HURRY, TOPIC, Transport, data
from tests.transports.peers import Peer
from tests.transports.test_conformance import answering, say_nothing
from tests.watching import Watch

u = rxr.updates

# "canary" in hexadecimal; what travels is its hash.
SIGNING_KEY = "signkey-test-63616e617279"
CANARY = "eyJhbGciOiJub25lIn0.Q0FOQVJZ.c2lnbmF0dXJl"


@pytest.fixture(autouse=True)
def loud(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Let every logger say everything."""
    caplog.set_level(logging.DEBUG)
    caplog.handler.setLevel(1)
    names = ["httpx2", "httpcore2", "websockets", "rx_realtime", "asyncio", "Rx", "uvicorn"]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        # picows, which gets a logger of ours, has a level below.
        logging.getLogger(name).setLevel(1 if name == "rx_realtime" else logging.DEBUG)
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def everything(caplog: pytest.LogCaptureFixture, *shown: Any) -> str:
    """Return all that anybody could print: logs, reprs, errors, tracebacks with their variables."""
    texts = [caplog.text]
    for record in caplog.records:
        texts += [record.getMessage(), repr(record.args), repr(record.exc_info)]
    for each in shown:
        texts += [repr(each), str(each)]
        error = getattr(each, "error", each)
        if isinstance(error, BaseException):
            told = traceback.TracebackException.from_exception(error, capture_locals=True)
            texts += [*told.format(), repr(error.__dict__), repr(error.args)]
    return "\n".join(texts)


def jwts(server: DevServer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keep every token that the server mints."""
    minted, mint = list[str](), server.inngest.keys.mint

    def keep(*arguments: Any, **options: Any) -> str:
        minted.append(mint(*arguments, **options))
        return minted[-1]

    monkeypatch.setattr(server.inngest.keys, "mint", keep)
    return minted


async def test_in_a_whole_session_no_token_and_no_key_is_shown(
    transport: Transport, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    """Security 1 to 3: minting, listening, publishing, breaking off, coming back, the end."""
    monkeypatch.setenv("INNGEST_SIGNING_KEY", SIGNING_KEY)
    monkeypatch.setenv("INNGEST_DEV", "0")
    async with DevServer(signing_key=SIGNING_KEY) as server, FaultProxy(server.url) as proxy:
        minted = jwts(server, monkeypatch)
        source = rxr.inngest.subscribe(
            CHANNEL,
            [TOPIC],
            wait=wait_none(),
            api_base_url=proxy.url,
            transport=transport,
            settings=HURRY,
        )
        async with Watch(source) as watch:
            await watch.until_sort(u.Opened)
            await rxr.inngest.publish((CHANNEL, TOPIC), "hello", api_base_url=server.url)
            await watch.until_sort(u.Received)
            proxy.reset()
            await watch.until_sort(u.Gap)
            proxy.silence()
            await watch.until_sort(u.Gap, count=2)
            server.faults.drop()
            server.faults.refuse(403)
            error = await watch.error()
            assert data(watch) == ["hello"]
        assert len(minted) >= 3
        seen = everything(caplog, error, source, *watch.values, *server.requests)
        hashed = rxr_hash(SIGNING_KEY)
        for secret in [*minted, *(each.split(".")[2] for each in minted), SIGNING_KEY, hashed]:
            assert secret not in seen
        assert "GET" in caplog.text  # the loggers did talk


@pytest.mark.parametrize("status", [401, 403, 500])
async def test_a_refused_token_is_not_shown_wherever_it_was(
    transport: Transport, caplog: pytest.LogCaptureFixture, status: int
):
    """Security 1: with a 401 it stood in the header, and then in the URL."""
    async with Peer(answering(status, b"no")) as peer:
        source = rxr.inngest.subscribe(
            CHANNEL,
            [TOPIC],
            CANARY,
            wait=[0.0],
            api_base_url=peer.url("sse"),
            transport=transport,
        )
        async with Watch(source) as watch:
            error = await watch.error()
        if status == 401:
            assert CANARY in peer.asked[1].target  # there it did travel
        seen = everything(caplog, error, source, *watch.values)
        assert CANARY not in seen
        assert "Q0FOQVJZ" not in seen


async def test_a_token_that_works_only_in_the_url_is_said_to_be_there_and_not_shown(
    caplog: pytest.LogCaptureFixture, transport: Transport
):
    """Security 1."""
    async with DevServer() as server:
        server.faults.refuse(401)
        token = server.inngest.subscription_token(CHANNEL, [TOPIC])
        source = rxr.inngest.subscribe(
            CHANNEL, [TOPIC], token, api_base_url=server.url, transport=transport
        )
        async with Watch(source) as watch:
            assert await watch.until_sort(u.Opened) == u.Opened(token_in_url=True)
            assert [seen.token for seen in server.requests] == ["header", "query"]
        seen = everything(caplog, source, token, *watch.values, *server.requests)
        assert token.key.get_secret_value() not in seen
        assert token.key.get_secret_value().split(".")[2] not in seen


@pytest.mark.parametrize("where", ["nowhere", "silent", "nonsense", "proxy", "tls"])
async def test_who_cannot_connect_is_shown_no_token(
    transport: Transport,
    caplog: pytest.LogCaptureFixture,
    where: str,
    monkeypatch: pytest.MonkeyPatch,
):
    """Security 3."""
    async with Peer(answering(407)) as proxy, Peer(say_nothing) as silent:
        base = {
            "nowhere": "http://127.0.0.1:9",
            "silent": silent.url("sse"),
            "nonsense": "https://a..b",
            "proxy": "https://example.invalid",
            "tls": silent.url("sse").replace("http:", "https:"),
        }[where]
        if where == "proxy":
            monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        source = rxr.inngest.subscribe(
            CHANNEL,
            [TOPIC],
            CANARY,
            wait=[],
            api_base_url=base,
            transport=transport,
            settings=HURRY,
        )
        async with Watch(source) as watch:
            error = await watch.error()
        seen = everything(caplog, error, source, *watch.values)
        assert "Q0FOQVJZ" not in seen


async def test_what_a_factory_raises_is_not_repeated_in_our_words(
    caplog: pytest.LogCaptureFixture,
):
    """Security 3: its own exception is the cause, for whoever wants to look at it."""

    def factory() -> str:
        raise ValueError("the backend said: " + "".join(CANARY))

    source = rxr.inngest.subscribe(
        CHANNEL, [TOPIC], factory, wait=[], api_base_url="http://localhost:9"
    )
    async with Watch(source) as watch:
        error = await watch.error()
    assert "Q0FOQVJZ" not in "\n".join([caplog.text, str(error), repr(error), repr(watch.values)])
    assert "Q0FOQVJZ" in str(error.__cause__)


async def test_a_token_of_nonsense_is_not_shown(caplog: pytest.LogCaptureFixture):
    """Security 3."""
    for given in ({"key": CANARY + " x"}, {"key": CANARY, "topics": CANARY}, {"token": CANARY}):
        source = rxr.inngest.subscribe(
            CHANNEL, [TOPIC], given, wait=[], api_base_url="http://localhost:9"
        )
        async with Watch(source) as watch:
            error = await watch.error()
        assert "Q0FOQVJZ" not in "\n".join([caplog.text, str(error), repr(error)])


async def test_no_task_is_named_after_a_token(transport: Transport):
    """Security 3: debuggers print tasks."""
    async with DevServer() as server:
        token = server.inngest.subscription_token(CHANNEL, [TOPIC])
        server.faults.refuse(401)
        source = rxr.inngest.subscribe(
            CHANNEL, [TOPIC], token, api_base_url=server.url, transport=transport
        )
        async with Watch(source) as watch:
            await watch.until_sort(u.Opened)
            shown = repr(asyncio.all_tasks())
            assert token.key.get_secret_value() not in shown


def rxr_hash(key: str) -> str:
    from rx_realtime.wire.inngest.address import hash_signing_key

    return hash_signing_key(SecretStr(key)).get_secret_value().rpartition("-")[2]
