"""The console script as a process of its own: pipes, signals, terminals."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl

import pytest

from rx_realtime import inngest
from rx_realtime.cli.exits import Exit
from rx_realtime.server import DevServer
from tests.cli.commands import CHANNEL, SCRIPT, line_with, process

ALT_SCREEN, MAIN_SCREEN, CURSOR = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?25h"


async def test_each_line_is_written_at_once_even_into_a_pipe(server: DevServer):
    async with process("watch", CHANNEL, "log", "--url", server.url) as child:
        await line_with(child.stdout, "connection open")
        for number in range(3):
            await inngest.publish((CHANNEL, "log"), number, api_base_url=server.url)
            assert await line_with(child.stdout, f"log: {number}")


async def test_a_reader_who_leaves_ends_it_quietly(server: DevServer):
    reading, writing = os.pipe()
    async with process("watch", CHANNEL, "log", "--url", server.url, stdout=writing) as child:
        os.close(writing)
        await server.inngest.until_connections(1)
        os.close(reading)
        await inngest.publish((CHANNEL, "log"), "unheard", api_base_url=server.url)
        _, err = await child.communicate()
        assert (child.returncode, err) == (Exit.BROKEN_PIPE, b"")


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, Exit.TERMINATED)],
)
async def test_a_signal_ends_it_quietly(server: DevServer, number: int, code: Exit):
    async with process("watch", CHANNEL, "log", "--url", server.url) as child:
        await line_with(child.stdout, "connection open")
        child.send_signal(number)
        _, err = await child.communicate()
        assert (child.returncode, err) == (code, b"")
    await server.inngest.until_connections(0)


async def test_a_token_comes_from_standard_input(server: DevServer):
    token = server.inngest.subscription_token(CHANNEL, ["log"])
    args = ["watch", CHANNEL, "log", "--token-file", "-", "--url", server.url]
    async with process(*args, stdin=asyncio.subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.write(token.key.get_secret_value().encode() + b"\n")
        child.stdin.close()
        await line_with(child.stdout, "connection open")


async def test_ctrl_c_ends_a_stream_that_waits_for_more_to_be_written(server: DevServer):
    args = ["publish", CHANNEL, "text", "--stream", "--url", server.url]
    updates = inngest.subscribe(CHANNEL, ["text"], api_base_url=server.url).iterate()
    async with updates, process(*args, stdin=asyncio.subprocess.PIPE) as child:
        opened = asyncio.create_task(_seen(updates, "Opened"))
        await opened
        assert child.stdin is not None
        child.stdin.write(b"once ")
        await _seen(updates, "Chunk")
        child.send_signal(signal.SIGINT)
        assert await child.wait() == Exit.INTERRUPTED


async def _seen(updates: object, kind: str) -> None:
    async for update in updates:  # type: ignore[attr-defined]
        if type(update).__name__ == kind:
            return


async def test_the_server_says_what_to_set_and_stops_when_asked():
    async with process("serve", "--port", "0") as child:
        url = (await line_with(child.stdout, "export INNGEST_DEV=")).strip().partition("=")[2]
        assert url in await line_with(child.stdout, "export TRIGGER_API_URL=")
        assert await line_with(child.stdout, "export TRIGGER_SECRET_KEY=tr_dev_is_not_secret")
        env = {"INNGEST_DEV": url}
        watching = process("watch", "talk:7", "status", "--max-attempts", "1", env=env)
        async with watching as watcher:
            await line_with(watcher.stdout, "connection open")
            data = {"name": "demo/started", "data": {"id": "7"}}
            await inngest.send(data, api_base_url=url)
            await line_with(watcher.stdout, "Receiving the recording")
            child.send_signal(signal.SIGINT)
            out, err = await child.communicate()
            assert (child.returncode, err) == (Exit.COMPLETED, b"")
            assert b"Stopping" in out


async def test_a_port_that_is_taken_is_said_in_one_line(server: DevServer):
    async with process("serve", "--port", str(server.port)) as child:
        _, err = await child.communicate()
        assert child.returncode == Exit.USAGE
        assert err.startswith(b"rx-realtime: cannot listen on http://127.0.0.1:")
        assert err.count(b"\n") == 1


@pytest.mark.parametrize(
    ("missing", "args", "pip"),
    [
        ("rich", ["--help"], b'pip install "rx-realtime[cli]"'),
        ("click", ["--help"], b'pip install "rx-realtime[cli]"'),
        ("uvicorn", ["demo"], b'pip install "rx-realtime[cli,server]"'),
        ("starlette", ["serve"], b'pip install "rx-realtime[cli,server]"'),
    ],
)
async def test_what_is_not_installed_is_said_with_the_command_that_installs_it(
    missing: str, args: list[str], pip: bytes
):
    code = (
        f"import sys; sys.modules[{missing!r}] = None; sys.argv[1:] = {args!r};"
        "from rx_realtime.cli import main; sys.exit(main())"
    )
    async with process(sys.executable, "-c", code) as child:
        _, err = await child.communicate()
        assert child.returncode == Exit.UNAVAILABLE
        assert pip in err
        assert err.count(b"\n") == 1


async def test_python_dash_m_is_the_same_command():
    async with process(sys.executable, "-m", "rx_realtime", "--version") as child:
        out, _ = await child.communicate()
        assert out.startswith(b"rx-realtime, version ")


# --- a terminal ------------------------------------------------------------------------------


@contextmanager
def on_terminal(*args: str, env: dict[str, str] | None = None) -> Iterator[tuple[int, int]]:
    """Start a command on a terminal of 80x24; yield its process id and the other end."""
    pid, terminal = pty.fork()
    if pid == 0:
        variables = {**os.environ, "TERM": "xterm-256color", **(env or {})}
        os.execve(SCRIPT, [SCRIPT, *args], variables)  # noqa: S606  (our own command)
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    try:
        yield pid, terminal
    finally:
        os.close(terminal)


def read_until(terminal: int, words: bytes) -> bytes:
    """Read what is drawn until these words are, or until the process ends."""
    drawn = b""
    while words not in drawn:
        try:
            drawn += os.read(terminal, 65536)
        except OSError:  # nobody is at the other end any more
            break
    return drawn


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_on_a_terminal_the_demo_is_a_screen_that_leaves_its_result_behind():
    with on_terminal("demo", "--pace", "20") as (pid, terminal):
        drawn = read_until(terminal, b"never")
        assert ended(pid) == Exit.COMPLETED
    screen, _, left = drawn.partition(MAIN_SCREEN)
    assert ALT_SCREEN in screen
    assert b"connection" in screen
    assert b"talk.mp4" in screen
    assert b"completed" in left
    assert b"Values in time" in left
    assert CURSOR in drawn.rpartition(b"\x1b[?25l")[2]


def test_without_colour_the_demo_draws_none():
    with on_terminal("demo", "--pace", "50", env={"NO_COLOR": "1"}) as (pid, terminal):
        drawn = read_until(terminal, b"never")
        assert ended(pid) == Exit.COMPLETED
    assert not [code for code in range(30, 38) if f"\x1b[{code}m".encode() in drawn]


def test_a_table_of_runs_is_a_screen_that_leaves_its_last_lines_behind_without_colour_if_asked(
    background: DevServer,
):
    run = background.call(background.trigger.start_run, "cut")
    background.call(run.complete, {"scenes": 7})
    key = background.trigger.secret_key.get_secret_value()
    env = {"TRIGGER_SECRET_KEY": key, "NO_COLOR": "1"}
    with on_terminal("runs", run.id, "--url", background.url, env=env) as (pid, terminal):
        drawn = read_until(terminal, b"never")
        assert ended(pid) == Exit.COMPLETED
    screen, _, left = drawn.partition(MAIN_SCREEN)
    assert ALT_SCREEN in screen
    assert run.id.encode() in left
    assert b"completed" in left
    assert not [code for code in range(30, 38) if f"\x1b[{code}m".encode() in drawn]


def test_a_dumb_terminal_gets_lines():
    with on_terminal("demo", "--pace", "50", env={"TERM": "dumb"}) as (pid, terminal):
        drawn = read_until(terminal, b"never")
        assert ended(pid) == Exit.COMPLETED
    assert b"\x1b" not in drawn
    assert b"* run completed" in drawn


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, Exit.TERMINATED)],
)
@pytest.mark.parametrize("args", [["watch", CHANNEL, "log"], ["runs", f"{CHANNEL}=log"]])
def test_a_signal_leaves_the_terminal_as_it_was(
    background: DevServer, args: list[str], number: int, code: Exit
):
    with on_terminal(*args, "--url", background.url) as (pid, terminal):
        drawn = read_until(terminal, b"open")
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 30, 0, 0))
        os.kill(pid, number)
        drawn += read_until(terminal, b"never")
        assert ended(pid) == code
    assert drawn.count(ALT_SCREEN) == drawn.count(MAIN_SCREEN) == 1
    assert drawn.rindex(CURSOR) > drawn.rindex(b"\x1b[?25l")
    assert b"Traceback" not in drawn


def test_make_demo_into_a_pipe_ends_with_the_result():
    demo = subprocess.run(
        [SCRIPT, "demo", "--pace", "20", "--json"], capture_output=True, check=True
    )
    told = [json.loads(line) for line in demo.stdout.splitlines()]
    assert demo.stderr == b""
    statuses = [each["status"] for each in told if each["kind"] == "connection"]
    assert statuses == ["connecting", "open", "closed", "connecting", "open", "closed"]
    [result] = [each["result"] for each in told if "result" in each]
    assert result["title"] == "Values in time"
