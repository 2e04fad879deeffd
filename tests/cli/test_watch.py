from __future__ import annotations

import json
from pathlib import Path

import pytest

from rx_realtime.cli.exits import Exit
from rx_realtime.server import ActedRun, DevServer
from tests.cli.commands import CHANNEL, Command, meanwhile

CANARY = "canary-5e1b"


async def tell_and_complete(run: ActedRun) -> None:
    await run.publish("status", {"message": "Cutting", "percent": 50})
    await run.stream("text", ["once ", "upon"])
    await run.complete({"frames": 24})


async def fail(run: ActedRun) -> None:
    await run.fail(ValueError("no film"))


async def cancel(run: ActedRun) -> None:
    await run.cancel()


def test_a_run_that_completes_is_told_line_by_line_and_exits_0(
    background: DevServer, command: Command
):
    meanwhile(background, tell_and_complete)
    done = command("watch", CHANNEL, "status", "text", "--url", background.url)
    words = [line.partition(" ")[2] for line in done.out.splitlines()]
    assert words == [
        "* connection connecting",
        "* connection open",
        'status: {"message": "Cutting", "percent": 50}',
        "* text: the stream begins",
        "text> once ",
        "text> upon",
        "* text: the stream ends",
        '* run completed: {"frames": 24}',
        "* connection closed",
    ]
    assert (done.code, done.err) == (Exit.COMPLETED, "")


def test_a_run_that_fails_exits_1_and_says_why(background: DevServer, command: Command):
    meanwhile(background, fail)
    done = command("watch", CHANNEL, "status", "--url", background.url)
    assert "* run failed: ValueError: no film" in done.out
    assert done.code == Exit.FAILED


def test_a_run_that_is_cancelled_exits_2(background: DevServer, command: Command):
    meanwhile(background, cancel)
    done = command("watch", CHANNEL, "status", "--url", background.url)
    assert done.code == Exit.CANCELLED


def test_a_run_that_takes_too_long_exits_3(background: DevServer, command: Command):
    done = command("watch", CHANNEL, "status", "--url", background.url, "--timeout", "0.2")
    assert done.code == Exit.TIMED_OUT
    assert done.err == "rx-realtime: the run was not over within 0.2 s\n"


@pytest.mark.parametrize("transport", [[], ["--sse"]])
def test_a_token_that_is_not_accepted_exits_4_and_is_never_shown(
    background: DevServer, command: Command, monkeypatch: pytest.MonkeyPatch, transport: list[str]
):
    monkeypatch.setenv("FILM_TOKEN", CANARY)
    options = ["--url", background.url, "--token-env", "FILM_TOKEN", "--debug", *transport]
    done = command("watch", CHANNEL, "status", *options)
    assert done.code == Exit.NOT_AUTHORISED
    assert "401" in done.err
    assert CANARY not in done.out + done.err


def test_what_is_no_token_exits_4_before_anything_is_asked(
    background: DevServer, command: Command, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FILM_TOKEN", '{"apiBaseUrl": "http://localhost:1"}')
    done = command("watch", CHANNEL, "status", "--url", background.url, "--token-env", "FILM_TOKEN")
    assert done.code == Exit.NOT_AUTHORISED
    assert not background.requests


def test_a_signing_key_that_is_missing_is_named(command: Command):
    done = command("watch", CHANNEL, "status")
    assert done.code == Exit.USAGE
    assert "INNGEST_SIGNING_KEY" in done.err


@pytest.mark.parametrize("transport", [[], ["--sse"]])
def test_a_connection_that_is_lost_and_not_opened_again_exits_5(
    background: DevServer, command: Command, transport: list[str]
):
    async def drop(_: ActedRun) -> None:
        background.faults.drop()

    meanwhile(background, drop)
    options = ["--url", background.url, "--no-reconnect", *transport]
    done = command("watch", CHANNEL, "status", *options)
    assert done.code == Exit.CONNECTION_LOST
    assert len(done.err.splitlines()) == 1


def test_a_server_that_is_not_there_exits_5_after_so_many_attempts(command: Command):
    done = command("watch", CHANNEL, "status", "--url", "http://127.0.0.1:9", "--max-attempts", "2")
    assert done.code == Exit.CONNECTION_LOST
    assert done.out.count("connection connecting") == 2


def test_a_connection_that_breaks_off_comes_back_by_itself(background: DevServer, command: Command):
    async def drop_once(run: ActedRun) -> None:
        background.faults.drop()
        await background.inngest.until_connections(0)
        await background.inngest.until_connections(1)
        await run.complete()

    meanwhile(background, drop_once)
    done = command("watch", CHANNEL, "status", "--url", background.url)
    assert done.code == Exit.COMPLETED
    assert "messages may have been missed" in done.out


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (ActedRun.complete, Exit.COMPLETED),
        (lambda run: run.fail("no film"), Exit.FAILED),
        (ActedRun.cancel, Exit.CANCELLED),
    ],
)
def test_where_the_server_says_nothing_about_runs_the_rest_api_is_asked(
    command: Command, end: object, code: Exit
):
    with DevServer(emit_run_frames=False) as server:
        run = server.call(server.inngest.start_run, "cut", channel=CHANNEL)
        server.call(end, run)  # type: ignore[call-overload]
        done = command("watch", CHANNEL, "status", "--run", run.id, "--url", server.url)
    assert done.code == code


def test_json_lines_can_be_read_by_programs(background: DevServer, command: Command):
    meanwhile(background, tell_and_complete)
    done = command("watch", CHANNEL, "status", "text", "--json", "--url", background.url)
    told = [json.loads(line) for line in done.out.splitlines()]
    assert all(each.pop("at") for each in told)
    assert told[0] == {"kind": "connection", "status": "connecting"}
    assert [each["data"] for each in told if each["kind"] == "chunk"] == ["once ", "upon"]
    assert told[-2]["result"] == {"frames": 24}


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_hostile_payload_reaches_no_terminal(
    background: DevServer, command: Command, options: list[str]
):
    async def attack(run: ActedRun) -> None:
        await run.publish("status", "\x1b]0;mine\x07\x9b2J\u202e\r[red]text")
        await run.fail("\x1b[2Jgone")

    meanwhile(background, attack)
    done = command("watch", CHANNEL, "status", "--url", background.url, *options)
    assert "[red]text" in done.out
    assert not set(done.out) & set("\x1b\x07\x9b\u202e\r")


def test_a_token_file_is_read_again_for_every_connection(
    background: DevServer, command: Command, tmp_path: Path
):
    file = tmp_path / "token.json"

    def mint() -> None:
        token = background.inngest.subscription_token(CHANNEL, ["status"], lifetime=60)
        file.write_text(json.dumps(token.for_client()))

    async def rotate(run: ActedRun) -> None:
        file.write_text(CANARY)  # whoever kept the first one would not notice
        mint()
        background.faults.drop()
        await background.inngest.until_connections(0)
        await background.inngest.until_connections(1)
        await run.complete()

    background.call(mint)
    meanwhile(background, rotate)
    options = ["--token-file", str(file), "--url", background.url]
    assert command("watch", CHANNEL, "status", *options).code == Exit.COMPLETED


def test_the_topics_may_be_left_out_where_the_token_names_them(
    background: DevServer, command: Command, monkeypatch: pytest.MonkeyPatch
):
    token = background.call(background.inngest.subscription_token, CHANNEL, ["status"])
    full = {**token.for_client(), "channel": CHANNEL, "topics": ["status"]}
    monkeypatch.setenv("FILM_TOKEN", json.dumps(full))
    meanwhile(background, tell_and_complete)
    done = command("watch", CHANNEL, "--token-env", "FILM_TOKEN", "--url", background.url)
    assert "status: " in done.out
    assert done.code == Exit.COMPLETED


@pytest.mark.parametrize(
    "args",
    [
        [],
        [CHANNEL],
        [CHANNEL, "status", "--timeout", "soon"],
        [CHANNEL, "status", "--timeout", "-1"],
        [CHANNEL, "status", "--timeout", "nan"],
        [CHANNEL, "status", "--max-attempts", "0"],
        [CHANNEL, "status", "--token", "secret"],
        [CHANNEL, "status", "--token-env", "NOT_SET"],
        [CHANNEL, "status", "--token-file", "not-there"],
        [CHANNEL, "status", "--token-env", "HOME", "--token-file", "-"],
        [CHANNEL, "status", "--url", "gopher://localhost"],
    ],
)
def test_what_is_used_wrongly_is_said_in_one_line_and_exits_64(command: Command, args: list[str]):
    done = command("watch", *args)
    assert done.code == Exit.USAGE
    assert done.err.startswith("rx-realtime: ")
    assert len(done.err.splitlines()) == 1
