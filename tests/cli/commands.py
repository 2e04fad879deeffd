"""Commands: in this process, and in ones of their own; and runs that go on meanwhile."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rx_realtime.server import ActedRun, DevServer

SCRIPT = str(Path(sys.executable).with_name("rx-realtime"))
CHANNEL = "film:1"


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str


class Command(Protocol):
    """Runs a command line in this process."""

    def __call__(self, *args: str) -> Done:
        """Run it."""
        ...


def meanwhile(server: DevServer, act: Callable[[ActedRun], Coroutine[Any, Any, None]]) -> ActedRun:
    """Start a run, and act it out as soon as somebody listens."""
    tasks: set[asyncio.Task[None]] = set()

    def start() -> ActedRun:
        acted = server.inngest.start_run("cut", channel=CHANNEL)

        async def begin() -> None:
            await server.inngest.until_connections(1)
            await act(acted)

        task = asyncio.get_running_loop().create_task(begin())
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return acted

    return server.call(start)


@asynccontextmanager
async def process(
    *args: str, env: dict[str, str] | None = None, **pipes: Any
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a command in a process of its own; end it if the test did not."""
    child = await asyncio.create_subprocess_exec(
        *(args[0:1] if args[0] == sys.executable else (SCRIPT, args[0])),
        *args[1:],
        stdin=pipes.get("stdin", asyncio.subprocess.DEVNULL),
        stdout=pipes.get("stdout", asyncio.subprocess.PIPE),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "", **(env or {})},
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def line_with(stream: asyncio.StreamReader | None, words: str) -> str:
    """Read lines until one has these words."""
    assert stream is not None
    while line := (await stream.readline()).decode():
        if words in line:
            return line
    raise AssertionError(f"it ended without {words!r}")
