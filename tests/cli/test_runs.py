from __future__ import annotations

import json
import signal

import pytest

from rx_realtime.cli.exits import Exit
from rx_realtime.cli.named import Named
from rx_realtime.server import ActedRun, DevServer, TaskRun
from tests.cli.commands import CHANNEL, Command, line_with, meanwhile, process

CANARY = "tr_dev_canary_77c0"
NAMED = f"{CHANNEL}=status"


@pytest.fixture(autouse=True)
def it_is_at_hand(background: DevServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the environment say where both engines are, and show the key."""
    monkeypatch.setenv("INNGEST_DEV", background.url)
    monkeypatch.setenv("TRIGGER_API_URL", background.url)
    key = background.trigger.secret_key.get_secret_value()
    monkeypatch.setenv("TRIGGER_SECRET_KEY", key)


async def tell_and_complete(run: ActedRun) -> None:
    await run.publish("status", {"percent": 50})
    await run.complete({"frames": 24})


async def fail(run: ActedRun) -> None:
    await run.fail(ValueError("no film"))


async def cancel(run: ActedRun) -> None:
    await run.cancel()


def cut(server: DevServer) -> TaskRun:
    """Return a run that has come to its end."""
    run = server.call(server.trigger.start_run, "cut")
    server.call(run.complete, {"scenes": 7})
    return run


def test_runs_of_both_engines_are_told_line_by_line_each_behind_its_name(
    background: DevServer, command: Command
):
    run = cut(background)
    meanwhile(background, tell_and_complete)
    done = command("runs", run.id, NAMED)
    words = [line.partition(" ")[2] for line in done.out.splitlines()]
    of_run = [line for line in words if line.startswith(run.id)]
    of_channel = [line for line in words if line.startswith(CHANNEL)]
    assert sorted(words) == sorted(of_run + of_channel)
    assert f'{run.id} * cut COMPLETED: {{"scenes": 7}}' in of_run
    assert of_channel == [
        f"{CHANNEL} * connection connecting",
        f"{CHANNEL} * connection open",
        f'{CHANNEL} status: {{"percent": 50}}',
        f'{CHANNEL} * run completed: {{"frames": 24}}',
        f"{CHANNEL} * connection closed",
    ]
    assert (done.code, done.err) == (Exit.COMPLETED, "")


def test_as_json_each_update_says_of_which_run_it_is(background: DevServer, command: Command):
    run = cut(background)
    meanwhile(background, tell_and_complete)
    done = command("runs", run.id, NAMED, "--json")
    told = [json.loads(line) for line in done.out.splitlines()]
    results = {each["of"]: each["result"] for each in told if "result" in each}
    assert results == {run.id: {"scenes": 7}, CHANNEL: {"frames": 24}}
    assert {each["of"] for each in told} == {run.id, CHANNEL}


def test_one_that_failed_outweighs_the_others(background: DevServer, command: Command):
    meanwhile(background, fail)
    assert command("runs", cut(background).id, NAMED).code == Exit.FAILED


def test_one_that_was_cancelled_outweighs_those_that_ended_well(
    background: DevServer, command: Command
):
    meanwhile(background, cancel)
    assert command("runs", cut(background).id, NAMED).code == Exit.CANCELLED


def test_a_run_that_cannot_be_followed_costs_only_itself_and_it_is_said_why(
    background: DevServer, command: Command, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TRIGGER_SECRET_KEY", CANARY)
    run = cut(background)
    meanwhile(background, tell_and_complete)
    done = command("runs", run.id, NAMED)
    assert f'{CHANNEL} * run completed: {{"frames": 24}}' in done.out
    assert done.code == Exit.NOT_AUTHORISED
    [said] = done.err.splitlines()
    assert said.startswith(f"rx-realtime: {run.id}: ")
    assert CANARY not in done.out + done.err


def test_a_server_that_is_not_there_exits_5_and_is_said_for_each(command: Command):
    done = command("runs", "run_1", NAMED, "--url", "http://127.0.0.1:9", "--max-attempts", "1")
    assert done.code == Exit.CONNECTION_LOST
    assert len(done.err.splitlines()) == 2


def test_runs_that_go_on_too_long_exit_3(background: DevServer, command: Command):
    done = command("runs", cut(background).id, NAMED, "--timeout", "0.3")
    assert done.code == Exit.TIMED_OUT
    assert done.err == "rx-realtime: the runs were not over within 0.3 s\n"


def test_the_run_of_a_channel_is_asked_for_where_the_server_does_not_say_how_it_ends(
    background: DevServer, command: Command
):
    def start() -> ActedRun:
        return background.inngest.start_run("cut")  # which publishes on no channel

    run = background.call(start)
    background.call(run.complete, {"frames": 24})
    done = command("runs", f"{NAMED}@{run.id}")
    assert f'{CHANNEL} * run completed: {{"frames": 24}}' in done.out
    assert done.code == Exit.COMPLETED


async def test_ctrl_c_leaves_all_of_them(background: DevServer):
    run = background.call(background.trigger.start_run, "cut")
    async with process("runs", run.id, NAMED) as child:
        await line_with(child.stdout, f"{run.id} * cut QUEUED")
        child.send_signal(signal.SIGINT)
        _, err = await child.communicate()
        assert (child.returncode, err) == (Exit.INTERRUPTED, b"")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("run_1", Named("run_1")),
        ("film:1=status", Named("film:1", ("status",))),
        ("film:1=status,log", Named("film:1", ("status", "log"))),
        ("film:1=status@01J8", Named("film:1", ("status",), "01J8")),
        ("a=b=status", Named("a=b", ("status",))),
        ("run_1=status", Named("run_1", ("status",))),
    ],
)
def test_a_run_is_named_by_its_id_and_a_channel_with_its_topics(text: str, named: Named):
    assert Named.parse(text) == named


@pytest.mark.parametrize(
    "args",
    [[], ["film:1"], ["film:1="], ["=status"], ["film:1=a,,b"], ["film:1=a@"], ["run_1", "run_1"]],
)
def test_what_is_used_wrongly_is_said_in_one_line(command: Command, args: list[str]):
    done = command("runs", *args)
    assert done.code == Exit.USAGE
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("name", ["runs", "watch"])
def test_its_help_says_how_each_engine_is_named_on_a_line_of_its_own(command: Command, name: str):
    lines = [line.split() for line in command(name, "--help").out.splitlines()]
    firsts = [line[0] for line in lines if line]
    assert {"Inngest", "Trigger.dev"} <= {*firsts}
