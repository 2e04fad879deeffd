from __future__ import annotations

import asyncio

import pytest

from rx_realtime.errors import LocalError
from rx_realtime.server import DevServer, TriggerLimits
from rx_realtime.server.trigger.filters import OfRun, WithTags
from rx_realtime.server.trigger.runs import now
from rx_realtime.server.trigger.store import Runs


def store(**limits: int) -> Runs:
    return Runs(TriggerLimits(**limits))


def test_runs_of_a_task_are_numbered():
    runs = store()
    created = [runs.create(task) for task in ("a", "b", "a")]
    assert [run.row.number for run in created] == [1, 1, 2]


@pytest.mark.parametrize(
    ("given", "status", "word"),
    [
        ("QUEUED", "QUEUED", "PENDING"),
        ("EXECUTING", "EXECUTING", "EXECUTING"),
        ("WAITING", "WAITING", "WAITING_TO_RESUME"),
        ("COMPLETED", "COMPLETED", "COMPLETED_SUCCESSFULLY"),
        ("RETRYING_AFTER_FAILURE", "EXECUTING", "RETRYING_AFTER_FAILURE"),
        ("TIMED_OUT", "TIMED_OUT", "TIMED_OUT"),
        ("NOBODY_KNOWS", "NOBODY_KNOWS", "NOBODY_KNOWS"),
    ],
)
async def test_a_status_is_given_in_either_vocabulary(given: str, status: str, word: str):
    run = store().create("demo")
    await run.set_status(given)
    assert (run.status, run.row.status) == (status, word)
    assert run.is_over == (given in ("COMPLETED", "TIMED_OUT"))


async def test_a_run_begins_once_and_takes_time():
    run = store().create("demo")
    await run.set_status("EXECUTING")
    began = run.row.started_at
    await run.set_status("WAITING")
    await run.set_status("EXECUTING")
    assert run.row.started_at == began
    await run.complete()
    assert run.row.completed_at is not None
    assert run.row.usage_duration_ms >= 0
    assert (run.row.output, run.row.output_type) == (None, "application/json")


async def test_an_expired_run_says_when():
    run = store().create("demo")
    await run.set_status("EXPIRED")
    assert run.row.expired_at == run.row.completed_at


async def test_what_is_over_changes_no_more():
    run = store().create("demo")
    await run.fail(ValueError("no rows"))
    error = run.row.error
    assert (error["type"], error["name"], error["message"]) == (
        "BUILT_IN_ERROR",
        "ValueError",
        "no rows",
    )
    with pytest.raises(LocalError, match="is over: it is FAILED"):
        await run.complete()
    await run.until_over()


async def test_what_cannot_be_said_ends_no_run():
    run = store().create("demo")
    with pytest.raises(ValueError, match="serialize"):
        await run.complete(object())
    assert not run.is_over


def test_the_oldest_that_are_over_make_room():
    runs = store(max_runs=2)
    first, second = runs.create("a"), runs.create("b")
    with pytest.raises(LocalError, match="there are 2 runs, and none of them is over"):
        runs.create("c")
    second.apply(status="CANCELED", completed_at=now())
    third = runs.create("c")
    assert list(runs) == [first, third]


def test_runs_hold_only_so_many_bytes():
    runs = store(max_bytes=1000)
    run = runs.create("a", payload="x" * 600)
    run.apply(output="x" * 600, completed_at=now())
    again = runs.create("b", payload="x" * 999)
    assert list(runs) == [again]
    again.apply(payload=None)
    assert list(runs) == [again]
    assert runs.create("c") in list(runs)


def test_changes_come_in_the_order_of_the_latest():
    runs = store()
    first, second = runs.create("a"), runs.create("b")
    since = runs.version
    second.apply(number=5)
    first.apply(number=5)
    second.apply(number=6)
    everything = WithTags((), first.row.created_at)
    assert runs.changed_since(since, everything) == [first, second]
    assert runs.changed_since(runs.version, everything) == []
    assert runs.changed_since(since, OfRun(first.id)) == [first]


def test_only_those_are_woken_who_see_the_run():
    runs = store()
    first, second = runs.create("a"), runs.create("b")
    with runs.watching(OfRun(first.id)) as one, runs.watching(OfRun(second.id)) as other:
        first.apply(number=5)
        assert (one.is_set(), other.is_set()) == (True, False)
        runs.wake_all()
        assert other.is_set()


async def test_a_task_that_raises_fails_its_run(server: DevServer):
    @server.trigger.task("import")
    async def import_file(_run: object, _payload: object) -> None:
        raise ValueError("no rows")

    run = server.trigger.runs.create("import")
    server.trigger.tasks.start(run)
    await run.until_over()
    assert (run.status, run.row.error["message"]) == ("FAILED", "no rows")


async def test_a_task_may_say_itself_how_its_run_ended(server: DevServer):
    @server.trigger.task("import")
    async def import_file(run, _payload: object) -> str:
        await run.fail("no rows")
        return "ignored"

    run = server.trigger.runs.create("import")
    server.trigger.tasks.start(run)
    await run.until_over()
    assert (run.status, run.row.output) == ("FAILED", None)


async def test_a_server_that_stops_ends_the_tasks_and_can_start_again():
    server = DevServer()
    began, ended = asyncio.Event(), asyncio.Event()

    @server.trigger.task("import")
    async def import_file(_run: object, _payload: object) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with server:
        run = server.trigger.runs.create("import")
        server.trigger.tasks.start(run)
        await began.wait()
    assert ended.is_set()
    async with server:
        assert not server.trigger.closing.is_set()


def test_a_server_in_a_thread_acts_out_runs():
    with DevServer() as server:
        run = server.call(server.trigger.start_run, "import", {"n": 1})
        server.call(run.complete, {"rows": 3})
        assert run.status == "COMPLETED"


def test_a_server_that_others_can_reach_has_a_key_that_nobody_knows():
    server = DevServer(host="0.0.0.0", allow_remote=True, signing_key="signkey-test-ab")  # noqa: S104
    assert server.trigger.secret_key.get_secret_value() != "tr_dev_is_not_secret"
    assert server.trigger.secret_key.get_secret_value().startswith("tr_dev_")
