"""Feeds of runs against the dev server, on its good days and on its bad ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Self

import pytest
import pytest_asyncio

import rx_realtime as rxr
from rx_realtime.models import Restarted, Retrying, RunChanged, Update
from rx_realtime.server import DevServer, TaskRun

trigger = rxr.trigger


@pytest_asyncio.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DevServer]:
    async with DevServer() as server:
        monkeypatch.setenv("TRIGGER_API_URL", server.url)
        monkeypatch.setenv("TRIGGER_SECRET_KEY", server.trigger.secret_key.get_secret_value())
        yield server


class Followed:
    """A run that is followed, and everything that was said about it."""

    def __init__(self, run: TaskRun, **options: Any) -> None:
        self.run = run
        self.updates: list[Update] = []
        self.error: Exception | None = None
        self._news = asyncio.Event()
        feed = trigger.subscribe(run.id, **options)
        self._held = feed.subscribe(self._take, self._fail)

    def _take(self, update: Update) -> None:
        self.updates.append(update)
        self._news.set()

    def _fail(self, error: Exception) -> None:
        self.error = error
        self._news.set()

    @property
    def statuses(self) -> list[str]:
        return [each.data.status for each in self.updates if isinstance(each, RunChanged)]

    def count(self, kind: type[Update]) -> int:
        return sum(isinstance(each, kind) for each in self.updates)

    async def until(self, status: str) -> None:
        async with asyncio.timeout(10):
            while status not in self.statuses and self.error is None:
                self._news.clear()
                await self._news.wait()

    async def until_failed(self) -> None:
        async with asyncio.timeout(10):
            while self.error is None:
                self._news.clear()
                await self._news.wait()

    async def __aenter__(self) -> Self:
        await self.until("QUEUED")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._held.dispose()


async def changes_are_seen(followed: Followed) -> None:
    await followed.run.set_status("EXECUTING")
    await followed.until("EXECUTING")
    await followed.run.complete()
    await followed.until("COMPLETED")
    assert followed.statuses == ["QUEUED", "EXECUTING", "COMPLETED"]
    assert followed.error is None


async def test_every_state_is_seen_once_and_in_order(server: DevServer) -> None:
    async with Followed(server.trigger.start_run()) as followed:
        await changes_are_seen(followed)
    assert followed.count(Retrying) == 0


async def test_a_rotation_costs_nothing(server: DevServer) -> None:
    async with Followed(server.trigger.start_run()) as followed:
        server.trigger.faults.rotate(times=2)
        await changes_are_seen(followed)
    assert followed.count(Restarted) >= 1


async def test_a_server_that_forgot_its_shapes_costs_nothing(server: DevServer) -> None:
    async with Followed(server.trigger.start_run()) as followed:
        server.trigger.faults.evict()
        await changes_are_seen(followed)


async def test_a_cache_that_answers_with_what_was_costs_nothing(server: DevServer) -> None:
    async with Followed(server.trigger.start_run()) as followed:
        server.trigger.faults.stale(times=2)
        await changes_are_seen(followed)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_that_fails_costs_a_moment(server: DevServer, status: int) -> None:
    async with Followed(server.trigger.start_run(), wait=[0.0, 0.0, 0.0]) as followed:
        server.trigger.faults.refuse(status, times=2)
        await changes_are_seen(followed)
    assert followed.count(Retrying) == 2


async def test_a_token_that_runs_out_is_fetched_anew(server: DevServer) -> None:
    asked = 0

    def token() -> str:
        nonlocal asked
        asked += 1
        # One that lasts for another second is another token.
        minted = server.trigger.public_token(f"read:runs:{run.id}", lifetime=900 + asked)
        return minted.get_secret_value()

    run = server.trigger.start_run()
    async with Followed(run, token=token) as followed:
        assert asked == 1
        server.trigger.faults.expire_tokens()
        await changes_are_seen(followed)
    assert asked == 2


@pytest.mark.parametrize("header", ["electric-offset", "electric-handle", "electric-cursor"])
async def test_a_proxy_that_strips_headers_is_named(server: DevServer, header: str) -> None:
    async with Followed(server.trigger.start_run()) as followed:
        server.trigger.faults.omit(header)
        await followed.run.set_status("EXECUTING")
        await followed.until_failed()
    assert isinstance(followed.error, rxr.WireError)
    assert header in str(followed.error)


async def test_many_runs_are_a_list_that_follows_them(server: DevServer) -> None:
    runs = [server.trigger.start_run(tags=["a", f"b{n % 2}"]) for n in range(6)]
    async for view in trigger.runs_view(["a", "b1"]):
        assert [run.id for run in view.runs] == [run.id for run in runs[1::2]]
        break
    async for view in trigger.runs_view("a"):
        if not runs[0].is_over:
            await runs[0].complete(1)
        if view.by_id[runs[0].id].is_terminal:
            assert [run.id for run in view.changed] == [runs[0].id]
            break


async def test_two_subscribers_of_a_feed_have_a_position_each(server: DevServer) -> None:
    run = server.trigger.start_run()
    feed = trigger.run(run.id)
    first = asyncio.ensure_future(feed._last())
    second = asyncio.ensure_future(feed._last())
    await asyncio.sleep(0)
    await run.complete("done")
    assert [each.output for each in await asyncio.gather(first, second)] == ["done", "done"]
