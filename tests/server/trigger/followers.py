"""A client of feeds that does just what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from pydantic import SecretStr

from rx_realtime.server import DevServer, TaskRun

#: What every current client of the vendor sends.
MODERN = {"x-trigger-electric-version": "1.0.0-beta.1", "x-trigger-api-version": "2025-07-16"}

Value = dict[str, str | None]


def key_of(server: DevServer) -> dict[str, str]:
    return bearer(server.trigger.secret_key)


def bearer(token: SecretStr | str) -> dict[str, str]:
    text = token if isinstance(token, str) else token.get_secret_value()
    return {"authorization": f"Bearer {text}"}


@asynccontextmanager
async def client(
    server: DevServer, token: SecretStr | str | None = None, **headers: str
) -> AsyncIterator[httpx2.AsyncClient]:
    shown = key_of(server) if token is None else bearer(token)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx2.AsyncClient(
        base_url=server.url, trust_env=False, headers={**MODERN, **shown, **named}
    ) as http:
        yield http


class Follower:
    """Follows a feed, one request at a time."""

    def __init__(self, server: DevServer, http: httpx2.AsyncClient, path: str, **query: str):
        self._server = server
        self._http = http
        self._path = f"/realtime/v1/{path}"
        self._query = query
        self.offset = "-1"
        self.handle: str | None = None
        self.cursor = ""

    async def fetch(self, **more: str) -> httpx2.Response:
        """Ask once, where it stands, and stand where the answer says."""
        where = {"log": "full", "offset": self.offset, **self._query, **more}
        if self.handle is not None:
            where["handle"] = self.handle
        answer = await self._http.get(self._path, params=where)
        if answer.status_code == 200:
            self.offset = answer.headers.get("electric-offset", self.offset)
            self.handle = answer.headers.get("electric-handle", self.handle)
            self.cursor = answer.headers.get("electric-cursor", self.cursor)
        return answer

    async def poll(self) -> httpx2.Response:
        """Ask for what is new, and wait for it."""
        return await self.fetch(live="true", cursor=self.cursor)

    async def poll_during(self, happens: Callable[[], Any]) -> httpx2.Response:
        """Poll, and let something happen while the poll is held."""
        held = self._server.trigger.polls.count
        polling = asyncio.create_task(self.poll())
        await self._server.trigger.polls.until(held + 1)
        result = happens()
        if asyncio.iscoroutine(result):
            await result
        return await polling


def values(answer: httpx2.Response) -> list[Value]:
    """Return the rows in an answer, which has to end as answers do."""
    *changes, last = answer.json()
    assert last == {"headers": {"control": "up-to-date"}}
    return [change["value"] for change in changes]


def operations(answer: httpx2.Response) -> list[str]:
    return [change["headers"]["operation"] for change in answer.json()[:-1]]


def ids(answer: httpx2.Response) -> list[str | None]:
    return [value["friendlyId"] for value in values(answer)]


def follow(server: DevServer, http: httpx2.AsyncClient, run: TaskRun, **query: str) -> Follower:
    return Follower(server, http, f"runs/{run.id}", **query)
