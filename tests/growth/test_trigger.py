"""What follows runs of Trigger.dev does not grow, whatever happens again and again."""

from __future__ import annotations

from typing import Any

from reactivex import Subject

import rx_realtime as rxr
from tests import virtual_streams, virtual_trigger
from tests.growth.census import check_growth
from tests.virtual_trigger import MUST_REFETCH, RUN, answer, row, rows

#: Seconds after which nothing is remembered: the longest wait, and how long a token may take.
FORGOTTEN = 11.0


class Forgetful(virtual_trigger.World):
    """A world that writes down only what is going on, or its notes would be what grows."""

    def pass_by(self, *notes: list[Any]) -> None:
        """Let time pass, and forget what was seen."""
        self.wait(FORGOTTEN)
        del self.questions[:-1]
        for each in notes:
            each.clear()

    def realtime(self, run_id: Any = RUN, **options: Any) -> rxr.Realtime[Any]:
        given = {**self.options, "scheduler": self.clock, "history_limit": 10, **options}
        return rxr.trigger.realtime(run_id, **given)

    def executes(self, number: int) -> None:
        """Answer that the run goes on, and is another than it was."""
        self.say(rows(row(at=number % 1_000)))


def test_a_thousand_reconnects_of_a_run_leave_nothing_behind():
    world = Forgetful()
    seen = world.watch(world.realtime().state)

    def reconnect(number: int) -> None:
        world.executes(number)
        world.question.break_off()
        world.pass_by(seen.values)

    check_growth(reconnect, 1_000, clock=world.clock)
    assert seen.error is None
    assert world.asked == 1_101
    assert len(world.pending) == 1
    seen.leave()


def test_a_thousand_other_runs_leave_nothing_behind():
    world, run_ids = Forgetful(), Subject[str]()
    seen = world.watch(world.realtime(run_ids).state)

    def change(number: int) -> None:
        run_ids.on_next(f"run_{number % 100}")
        world.wait()
        world.say(rows(row(f"run_{number % 100}")))
        world.pass_by(seen.values)

    check_growth(change, 1_000, clock=world.clock)
    assert seen.error is None
    assert world.asked == 1_100
    assert len(world.pending) == 1
    seen.leave()


def test_ten_thousand_subscribers_of_a_run_who_come_and_go_leave_nothing_behind():
    world = Forgetful()
    rt = world.realtime()
    seen = world.watch(rt.state)
    world.executes(1)

    def come_and_go(_: int) -> None:
        rt.state.subscribe().dispose()

    check_growth(come_and_go, 10_000, clock=world.clock)
    assert world.asked == 1, "they did not share the connection"
    seen.leave()


def test_hundreds_of_snapshots_of_runs_leave_nothing_behind():
    world = Forgetful()
    runs = world.watch(rxr.trigger.runs("video", **world.options))
    view = world.watch(rxr.trigger.runs_view("video", **world.options))
    many = [row(f"run_{number}") for number in range(5)]

    def begin_anew(number: int) -> None:
        for question in tuple(world.pending):
            question.answer(rows(*many, row(f"new_{number % 100}"), handle=f"h{number % 10}"))
        world.wait()
        for question in tuple(world.pending):  # news: else beginning anew is a cache's fault
            question.answer(rows(row(f"new_{number % 100}", at=1), handle=f"h{number % 10}"))
        world.wait()
        for question in tuple(world.pending):
            question.answer(answer(MUST_REFETCH, status=409, handle=f"h{(number + 1) % 10}"))
        world.wait(FORGOTTEN)
        world.questions[:] = world.pending
        runs.values.clear()
        del view.values[:-1]

    check_growth(begin_anew, 400, clock=world.clock)
    assert runs.error is None is view.error
    assert len(view.values[-1].runs) == 6
    runs.leave()
    view.leave()


def test_a_thousand_updates_of_runs_leave_nothing_behind():
    world = Forgetful()
    runs = world.watch(rxr.trigger.runs("video", **world.options))

    def update(number: int) -> None:
        world.say(rows(row(f"run_{number % 5}", at=number % 3_600)))
        world.pass_by(runs.values)

    check_growth(update, 1_000, clock=world.clock)
    runs.leave()


def test_hundreds_of_followers_of_a_run_leave_nothing_behind():
    world = Forgetful()

    def come_and_go(number: int) -> None:
        seen = world.run()
        world.executes(number)
        seen.leave()
        world.pass_by()

    check_growth(come_and_go, 400, clock=world.clock)
    assert not world.pending


def test_a_thousand_reconnects_of_a_stream_leave_nothing_behind():
    world = virtual_streams.World()
    seen = world.read()
    world.start()

    def reconnect(number: int) -> None:
        batch = virtual_streams.batch(virtual_streams.record(number, "chunk"))
        world.body.open().send(batch).break_off()
        world.wait(FORGOTTEN)
        del world.bodies[:-1]
        del world.questions[:-1]
        seen.values.clear()

    check_growth(reconnect, 1_000, clock=world.clock)
    assert seen.error is None
    assert world.body.after, "it did not go on where it stood"
    seen.leave()


def test_ten_thousand_chunks_of_a_stream_leave_nothing_behind():
    world = virtual_streams.World()
    seen = world.read()
    world.start()
    world.body.open()

    def chunk(number: int) -> None:
        world.body.send(virtual_streams.batch(virtual_streams.record(number, "chunk")))
        seen.values.clear()

    check_growth(chunk, 10_000, clock=world.clock)
    seen.leave()


def test_hundreds_of_streams_that_are_left_again_leave_nothing_behind():
    world = virtual_streams.World()

    def come_and_go(number: int) -> None:
        seen = world.read()
        world.body.open().send(virtual_streams.batch(virtual_streams.record(1, number % 100)))
        seen.leave()
        world.wait(FORGOTTEN)
        world.bodies.clear()
        world.questions.clear()

    check_growth(come_and_go, 400, clock=world.clock)
