"""Long polls over real connections of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from rx_realtime.errors import ConnectionLost, FrameTooLarge, OptionError, Stalled
from rx_realtime.transports import Settings, polling
from rx_realtime.transports.poll import Ask
from rx_realtime.wire import Request, Response
from tests.scripted import Asked, reply, scripted


async def asking(url: str, settings: Settings = Settings()) -> tuple[Ask, Callable[[], None]]:  # noqa: B008
    """What asks, and what leaves."""
    there: asyncio.Future[Ask] = asyncio.get_running_loop().create_future()
    held = polling(url, settings).subscribe(there.set_result, there.set_exception)
    return await there, held.dispose


async def answer_to(ask: Ask, request: Request) -> Response:
    done: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
    ask(request).subscribe(done.set_result, done.set_exception)
    return await done


async def test_questions_share_a_connection_that_is_closed_in_the_end() -> None:
    async with scripted(lambda asked: reply(200, asked.target.encode(), x_more="1")) as server:
        ask, leave = await asking(server.url)
        for number in range(5):
            got = await answer_to(ask, Request(f"{server.url}/{number}", token=SecretStr("key")))
            assert (got.status, got.body) == (200, f"/{number}".encode())
            assert got.headers["x-more"] == "1"
        assert server.connections == 1
        assert server.asked[0].headers["authorization"] == "Bearer key"
        leave()
        await server.closed.wait()
        assert server.open == 0


@pytest.mark.parametrize("status", [302, 400, 401, 409, 500])
async def test_any_status_is_an_answer_and_no_redirect_is_followed(status: int) -> None:
    async with scripted(lambda _: reply(status, location="/elsewhere")) as server:
        ask, leave = await asking(server.url)
        assert (await answer_to(ask, Request(server.url))).status == status
        assert len(server.asked) == 1
        leave()


async def test_an_answer_that_does_not_come_is_given_up() -> None:
    async with scripted(lambda _: None) as server:
        ask, leave = await asking(server.url)
        with pytest.raises(Stalled, match=r"waited 0.05 s"):
            await answer_to(ask, Request(server.url, timeout=0.05))
        await server.closed.wait()
        leave()


async def test_an_answer_that_is_cut_off_is_none() -> None:
    async with scripted(lambda _: reply(200, b'[{"key":', length=100)) as server:
        ask, leave = await asking(server.url)
        with pytest.raises(ConnectionLost):
            await answer_to(ask, Request(server.url))
        leave()


async def test_an_answer_has_a_limit() -> None:
    async with scripted(lambda _: reply(200, b"x" * 1001)) as server:
        ask, leave = await asking(server.url, Settings(max_size=1000))
        with pytest.raises(FrameTooLarge):
            await answer_to(ask, Request(server.url))
        leave()


async def test_leaving_a_question_closes_its_connection_at_once() -> None:
    arrived = asyncio.Event()

    def silent(_: Asked) -> None:
        arrived.set()

    async with scripted(silent) as server:
        ask, leave = await asking(server.url)
        seen: list[Any] = []
        question = ask(Request(server.url)).subscribe(seen.append, seen.append)
        await arrived.wait()
        question.dispose()
        leave()
        async with asyncio.timeout(1):
            await server.closed.wait()
        assert seen == []


async def test_no_token_goes_to_another_machine_in_the_clear() -> None:
    with pytest.raises(OptionError, match="in the clear"):
        await asking("http://example.com")
