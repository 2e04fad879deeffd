"""What many tests need, and what each of them must leave behind: nothing."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import pytest_asyncio

from rx_realtime.server import DevServer
from rx_realtime.transports import dial
from rx_realtime.transports.loop import _carried, background_loop
from rx_realtime.transports.websocket import _closing

# At a desk, each run tries other examples; where a change is judged, all are judged by the same.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")

# A shell that starts us in the background makes us deaf to Ctrl-C, and our children with us.
signal.signal(signal.SIGINT, signal.default_int_handler)

#: Seconds until what is being closed must be.
PATIENCE = 2.0
OUR_TIMERS = ("reactivex", "rx_realtime")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[DevServer]:
    """A dev server in the test's own event loop."""
    async with DevServer() as server:
        yield server


@pytest.fixture(params=["websockets", "picows"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What carries websockets by default: without the extra `[fast]`, and with it."""
    library: str = request.param
    monkeypatch.setattr(dial, "has_fast", lambda: library == "picows")
    return library


@pytest.fixture
def nothing_is_left_of_connections() -> Iterator[None]:
    """Fail a test that leaves a socket, a connection, a subscription or a thread's timer."""
    before = open_sockets()
    yield
    for left in (
        lambda: open_sockets() - before,
        lambda: set(_closing._tasks),
        lambda: {task for task in tuple(_carried) if not task.done()},
        lambda: {each for each in threading.enumerate() if isinstance(each, threading.Timer)},
    ):
        assert not (found := once_closed(left)), f"left behind: {found}"


@pytest.fixture(autouse=True)
def nothing_is_left(
    request: pytest.FixtureRequest,
    nothing_is_left_of_connections: None,  # looks last, when the loop has ended
) -> None:
    """Look at what each test leaves behind."""
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("nothing_is_left_in_the_loop")


@pytest.fixture(autouse=True)
def nothing_fails_out_of_sight(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test in which a connection broke off because its own code raised."""
    yield
    said = [each.getMessage() for each in caplog.get_records("call") if each.name == "asyncio"]
    failures = [each for each in said if "protocol" in each and each.startswith("Fatal error")]
    assert not failures, failures


@pytest_asyncio.fixture
async def nothing_is_left_in_the_loop() -> AsyncIterator[None]:
    """Fail a test that leaves a task or a timer in its event loop."""
    loop: Any = asyncio.get_running_loop()
    before = asyncio.all_tasks()
    yield
    for _ in range(3):  # what was closed just now has its socket closed by the loop
        await asyncio.sleep(0)
    if tasks := asyncio.all_tasks() - before - {asyncio.current_task()}:
        _, tasks = await asyncio.wait(tasks, timeout=PATIENCE)
    timers = [each for each in loop._scheduled if not each.cancelled() and is_ours(each)]
    assert not tasks, f"left behind: {tasks}"
    assert not timers, f"left behind: {timers}"


def once_closed(left: Callable[[], set[Any]]) -> set[Any]:
    """Return what is left after the background loop had time to close it."""
    deadline = time.monotonic() + PATIENCE
    while (found := left()) and time.monotonic() < deadline:
        asyncio.run_coroutine_threadsafe(next_turns(), background_loop()).result()
    return found


async def next_turns() -> None:
    """Let the background loop go on with what it has to do."""
    if tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(tasks, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(0)


def is_ours(timer: Any) -> bool:
    return str(getattr(timer._callback, "__module__", "")).startswith(OUR_TIMERS)


def open_sockets() -> set[str]:
    """Return the network sockets of this process; none where the system does not show them."""
    found = set[str]()
    with suppress(OSError):
        for path in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                name = str(path.readlink())
                if name.startswith("socket:") and is_network(int(path.name)):
                    found.add(name)
    return found


def is_network(number: int) -> bool:
    with socket.socket(fileno=os.dup(number)) as copy:
        return copy.family in (socket.AF_INET, socket.AF_INET6)
