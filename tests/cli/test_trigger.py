from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from rx_realtime.cli.exits import Exit
from rx_realtime.cli.serve import act_out, told_key
from rx_realtime.server import DevServer, TaskRun
from tests.cli.commands import Command, line_with, process

CANARY = "tr_dev_canary_5e1b"


@pytest.fixture(autouse=True)
def it_is_at_hand(background: DevServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the environment say where runs are, and show the key."""
    monkeypatch.setenv("TRIGGER_API_URL", background.url)
    key = background.trigger.secret_key.get_secret_value()
    monkeypatch.setenv("TRIGGER_SECRET_KEY", key)


def start(server: DevServer, *, batch_id: str | None = None) -> TaskRun:
    """Start a run that has said how far it is."""
    metadata = {"progress": {"percentage": 40, "step": "Cutting"}}
    return server.call(server.trigger.start_run, "cut", metadata=metadata, batch_id=batch_id)


def end(server: DevServer, run: TaskRun, how: str) -> None:
    """End a run."""
    match how:
        case "completed":
            server.call(run.complete, {"frames": 24})
        case "failed":
            server.call(run.fail, ValueError("no film"))
        case _:
            server.call(run.cancel)


def words(out: str) -> list[str]:
    """Return what lines say, without the times."""
    return [line.partition(" ")[2] for line in out.splitlines()]


async def work(run: TaskRun, payload: object) -> object:
    """Say how far it is while somebody listens."""
    await run.set_metadata({"percent": 50})
    return {"given": payload}


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ("completed", Exit.COMPLETED, 'cut COMPLETED: {"frames": 24}'),
        ("failed", Exit.FAILED, "cut FAILED: Error: no film"),
        ("cancelled", Exit.CANCELLED, "cut CANCELED"),
    ],
)
def test_a_run_is_followed_by_its_id_and_the_exit_code_says_how_it_ended(
    background: DevServer, command: Command, how: str, code: Exit, said: str
):
    run = start(background)
    end(background, run, how)
    done = command("watch", run.id)
    assert f"* {run.id} {said}" in done.out.replace("ValueError", "Error")
    assert (done.code, done.err) == (code, "")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], ["* ai: the stream begins", "ai> Hel", 'ai> {"n": 1}', "* ai: the stream ends"]),
        (["--no-streams"], []),
    ],
)
def test_what_a_run_streams_is_told_unless_it_is_not_wanted(
    background: DevServer, command: Command, options: list[str], told: list[str]
):
    async def act(run: TaskRun, _: object) -> None:
        await run.stream("ai").write("Hel", {"n": 1})

    background.trigger.task("cut")(act)
    run_id = command("trigger", "cut").out.strip()
    run = background.trigger.run(run_id)
    assert run is not None
    background.call(run.until_over)
    done = command("watch", run_id, *options)
    first, opened, over, *streamed, closed = words(done.out)
    assert (first, opened) == ("* connection connecting", "* connection open")
    assert (over, closed) == (f"* {run_id} cut COMPLETED", "* connection closed")
    assert streamed == told
    assert done.code == Exit.COMPLETED


def test_a_run_that_goes_on_too_long_exits_3_and_was_seen_until_then(
    background: DevServer, command: Command
):
    run = start(background)
    done = command("watch", run.id, "--timeout", "0.3")
    assert words(done.out) == [
        "* connection connecting",
        "* connection open",
        f"* {run.id} cut QUEUED: 40 % Cutting",
        "* caught-up: rows 1",
    ]
    assert done.code == Exit.TIMED_OUT
    assert done.err == "rx-realtime: the run was not over within 0.3 s\n"


def test_a_key_that_is_not_accepted_exits_4_and_is_never_shown(
    background: DevServer, command: Command, monkeypatch: pytest.MonkeyPatch
):
    run = start(background)
    monkeypatch.setenv("TRIGGER_SECRET_KEY", CANARY)
    for args in (["watch", run.id], ["watch", "--tag", "film"], ["trigger", "cut"]):
        done = command(*args, "--debug")
        assert done.code == Exit.NOT_AUTHORISED
        assert CANARY not in done.out + done.err


def test_a_server_that_is_not_there_exits_5(command: Command):
    options = ["--url", "http://127.0.0.1:9", "--max-attempts", "1"]
    assert command("watch", "run_1", *options).code == Exit.CONNECTION_LOST
    assert command("watch", "--batch", "batch_1", *options).code == Exit.CONNECTION_LOST


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        (["completed", "completed"], Exit.COMPLETED),
        (["completed", "cancelled"], Exit.CANCELLED),
        (["failed", "cancelled"], Exit.FAILED),
    ],
)
def test_a_batch_is_over_with_its_runs_and_one_that_failed_outweighs_the_others(
    background: DevServer, command: Command, ends: list[str], code: Exit
):
    batch = background.call(background.trigger.create_batch, len(ends))
    for how in ends:
        end(background, start(background, batch_id=batch), how)
    start(background)  # of no batch
    done = command("watch", "--batch", batch, "--json")
    told = [json.loads(line) for line in done.out.splitlines()]
    runs = [each["trigger_status"] for each in told if each["kind"] == "run"]
    assert len(runs) == len(ends)
    assert done.code == code


def test_runs_with_a_tag_go_on_coming(background: DevServer, command: Command):
    trigger = background.trigger
    run = background.call(trigger.start_run, "cut", tags=["film", "short"])
    background.call(trigger.start_run, "cut", tags=["film"])
    end(background, run, "completed")
    done = command("watch", "--tag", "film", "--tag", "short", "--timeout", "0.3")
    assert words(done.out)[2:] == [
        f'* {run.id} cut COMPLETED: {{"frames": 24}}',
        "* caught-up: rows 1",
    ]
    assert done.code == Exit.TIMED_OUT


def test_a_run_can_be_watched_as_marbles(background: DevServer, command: Command):
    run = start(background)
    end(background, run, "completed")
    done = command("watch", run.id, "--marbles")
    assert f"> watch('{run.id}')" in done.out
    assert "= 'completed'" in done.out
    assert done.code == Exit.COMPLETED


async def test_ctrl_c_ends_the_watching_of_tags():
    async with process("watch", "--tag", "film") as child:
        await line_with(child.stdout, "caught-up: rows 0")
        child.send_signal(signal.SIGINT)
        _, err = await child.communicate()
        assert (child.returncode, err) == (Exit.INTERRUPTED, b"")


def test_a_task_is_triggered_with_a_payload_and_tags_and_its_id_is_written(
    background: DevServer, command: Command
):
    done = command("trigger", "cut", '{"frames": 24}', "--tag", "film")
    run = background.trigger.run(done.out.strip())
    assert run is not None
    assert (run.payload, run.row.run_tags) == ({"frames": 24}, ("film",))
    assert (done.code, done.err) == (Exit.COMPLETED, "")


def test_what_is_triggered_can_be_followed_to_its_end(background: DevServer, command: Command):
    background.trigger.task("cut")(work)
    done = command("trigger", "cut", "just text", "--follow")
    assert done.out.startswith("run_")
    assert done.out.count('COMPLETED: {"given": "just text"}') == 1
    assert done.code == Exit.COMPLETED


def test_the_payload_comes_from_standard_input_and_the_key_from_a_variable(
    background: DevServer,
    monkeypatch: pytest.MonkeyPatch,
    command: Command,
    tmp_path: Path,
):
    monkeypatch.setenv("MY_KEY", background.trigger.secret_key.get_secret_value())
    monkeypatch.delenv("TRIGGER_SECRET_KEY")
    file = tmp_path / "payload.json"
    file.write_text('{"frames": 24}\n')
    with file.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        done = command("trigger", "cut", "-", "--secret-key-env", "MY_KEY", "--json")
    run = background.trigger.run(json.loads(done.out)["run_id"])
    assert run is not None
    assert run.payload == {"frames": 24}


@pytest.mark.parametrize(
    "args",
    [
        ["watch", "run_1", "--sse"],
        ["watch", "--tag", "film", "--run", "run_1"],
        ["watch", "--tag", "film", "--batch", "batch_1"],
        ["watch", "run_1", "--batch", "batch_1"],
        ["watch", "--tag", "film", "--marbles"],
        ["watch", "--tag", "a,b"],
        ["trigger"],
        ["trigger", "cut", "--secret-key-env", "NOT_SET"],
        ["trigger", "cut", "--tag", "x" * 129],
    ],
)
def test_what_is_used_wrongly_is_said_in_one_line(command: Command, args: list[str]):
    done = command(*args)
    assert done.code == Exit.USAGE
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("args", [["watch", "run_1"], ["trigger", "cut"]])
def test_a_key_that_is_missing_is_named(
    command: Command, monkeypatch: pytest.MonkeyPatch, args: list[str]
):
    monkeypatch.delenv("TRIGGER_SECRET_KEY")
    done = command(*args)
    assert done.code == Exit.USAGE
    assert "TRIGGER_SECRET_KEY" in done.err


def test_the_demo_task_says_how_far_it_is_until_it_ends(background: DevServer, command: Command):
    async def act(run: TaskRun, payload: object) -> object:
        return await act_out(run, payload, pace=100)

    background.trigger.task("demo")(act)
    done = command("trigger", "demo", "7", "--follow")
    assert " % " in done.out
    assert "summary> The talk " in done.out
    assert 'COMPLETED: {"title": "Values in time", "pages": 12, "payload": 7}' in done.out
    assert done.code == Exit.COMPLETED


def test_the_server_names_only_the_key_that_is_no_secret():
    assert told_key(DevServer(), None) == "tr_dev_is_not_secret"
    assert CANARY not in told_key(DevServer(trigger_secret_key=CANARY), "MY_KEY")
    assert CANARY not in told_key(DevServer(trigger_secret_key=CANARY), None)
