from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from rx_realtime.cli.beat import Beat
from rx_realtime.cli.render import render
from rx_realtime.cli.seen import Seen, token_of
from rx_realtime.cli.view import View, progress_of
from rx_realtime.errors import ConnectionLost
from rx_realtime.models import (
    Message,
    RealtimeState,
    Run,
    RunError,
    RunStatus,
    TriggerStatus,
    Update,
    reduce_state,
)
from rx_realtime.models.update import (
    Chunk,
    Closed,
    Connecting,
    Gap,
    Invalid,
    Opened,
    Received,
    Retrying,
    RunChanged,
    StreamClosed,
    StreamOpened,
)
from rx_realtime.wire.trigger.words import run_change

AT = datetime(2026, 3, 4, 12, 30, 5, tzinfo=UTC)
LOST = ConnectionLost(1006)


def message(topic: str, data: Any) -> Received:
    return Received(Message("film:1", topic, data, AT))


def view_of(*updates: Update, now: float = 1.0) -> View:
    state: RealtimeState[Any] = RealtimeState()
    seen = Seen()
    for update in updates:
        state, seen = reduce_state(state, update), seen.after(update, now)
    return View("film:1", "status, text", state, seen, now)


def screen(view: View, width: int = 80, height: int = 24, **options: Any) -> str:
    console = Console(
        file=StringIO(),
        width=width,
        height=height,
        color_system=None,
        legacy_windows=False,
        **options,
    )
    with console.capture() as capture:
        console.print(render(view))
    return capture.get()


RUNNING: tuple[Update, ...] = (
    Connecting(),
    Opened(),
    RunChanged(RunStatus.RUNNING),
    message("status", {"message": "Cutting the film", "percent": 40}),
    StreamOpened("s1", "film:1", "text"),
    Chunk("s1", "text", "Once upon a time, "),
    Chunk("s1", "text", "in a galaxy"),
    message("parts", {"name": "reel.mp4", "frames": 24}),
)


def test_the_screen_shows_the_connection_the_run_progress_text_and_messages():
    shown = screen(view_of(*RUNNING))
    for words in (
        "film:1",
        "connection open",
        "run running",
        "4 messages",
        "Cutting the film",
        "40 %",
        "Once upon a time, in a galaxy",
        "parts  name reel.mp4  frames 24",
    ):
        assert words in shown


@pytest.mark.parametrize("height", [1, 3, 6, 15, 24, 60])
@pytest.mark.parametrize("width", [1, 20, 50, 80, 200])
def test_the_screen_never_outgrows_the_terminal(width: int, height: int):
    wide = message("parts", {"name": "字" * 300, "text": "long " * 300})
    lost = (Closed(LOST), Retrying(1, 0.5, LOST))
    text = Chunk("s1", "text", "word " * 3000)
    lines = screen(view_of(*RUNNING, text, *[wide] * 30, *lost), width, height).splitlines()
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)


def test_whatever_others_wrote_the_terminal_obeys_nothing_of_it():
    hostile = "\x1b[2J\x9b31m\x1b]0;title\x07\r\u202e[red]markup[/red]:smile:\ud800"
    view = view_of(
        Opened(),
        message("status", {"message": hostile, "percent": 1}),
        message(hostile, {hostile: hostile}),
        message("log", hostile),
        StreamOpened("s", "film:1", hostile),
        Chunk("s", hostile, hostile),
        Invalid(hostile, hostile),
        RunChanged(RunStatus.COMPLETED, result={hostile: hostile}),
    )
    for each in (view, view.ended(view.state)):
        shown = screen(each)
        assert "[red]markup[/red]:smile:" in shown
        assert not set(shown) & set("\x1b\x9b\x07\r\u202e\ud800")


def test_a_lost_connection_says_so_and_the_next_one_that_it_is_back():
    lost = (*RUNNING, Closed(LOST), Retrying(1, 0.9, LOST))
    assert "! the connection was lost with code 1006; trying again in 0.9 s" in screen(
        view_of(*lost)
    )
    back = (*lost, Connecting(), Opened())
    assert "trying again" not in screen(view_of(*back))
    since = Gap("lost", AT, AT.replace(second=6))
    shown = screen(view_of(*back, since))
    assert "✓ back after 1.0 s" in shown
    assert "Once upon a time" in shown


def test_what_is_left_behind_shows_the_result():
    done = RunChanged(RunStatus.COMPLETED, result={"title": "Reel", "frames": 24})
    view = view_of(*RUNNING, StreamClosed("s1", "text"), done, Closed())
    shown = screen(view.ended(view.state))
    assert "run completed" in shown
    assert "title   Reel" in shown
    assert "frames  24" in shown
    assert "/s" not in shown


@pytest.mark.parametrize("result", ["just text", [1, [2, 3]], {"deep": {"er": ["x" * 80]}}, 7])
def test_a_result_of_any_form_is_shown(result: object):
    view = view_of(*RUNNING, RunChanged(RunStatus.COMPLETED, result=result))
    assert "result" in screen(view.ended(view.state))


def test_what_is_left_behind_shows_why_a_run_failed():
    view = view_of(*RUNNING, RunChanged(RunStatus.FAILED, data={"error": {"message": "no film"}}))
    assert "✗ no film" in screen(view.ended(view.state))


def test_a_run_that_tells_of_itself_needs_no_messages():
    metadata = {"progress": {"percentage": 40, "step": "Cutting"}}
    error = RunError("BUILT_IN_ERROR", "no film", "Error")
    run = Run(id="run_1", task_identifier="cut", status=TriggerStatus.EXECUTING, created_at=AT)
    going = run_change(replace(run, metadata=metadata))
    shown = screen(view_of(Opened(), going))
    for words in ("run running", "Cutting", "40 %", "1 change"):
        assert words in shown
    view = view_of(going, run_change(replace(run, status=TriggerStatus.CRASHED, error=error)))
    assert "✗ Error: no film" in screen(view.ended(view.state))


def test_the_chunks_of_a_stream_are_shown_as_one_text_and_not_as_messages_too():
    opened = StreamOpened("ai", "run_1", "ai", "run_1", resumes=True)
    pieces = [Chunk("ai", "ai", "Once "), Chunk("ai", "ai", {"n": 1})]
    echoes = [message("ai", "Once "), message("ai", {"n": 1})]
    view = view_of(opened, *pieces, *echoes, message("log", "cut"))
    assert view.seen.writing is not None
    assert view.seen.writing.text == 'Once {"n": 1}\n'
    assert [each.topic for each in view.log] == ["log"]


def test_no_colour_tells_what_no_word_tells():
    shown = screen(view_of(*RUNNING), no_color=True)
    assert "open" in shown
    assert "running" in shown


@pytest.mark.parametrize(
    ("told", "percent"),
    [
        ([{"percent": 40}], 40),
        ([{"pct": 12.5}], 12.5),
        ([{"progress": 0.5}], 50),
        ([{"progress": 0.5}, {"progress": 1}], 100),
        ([{"progress": 1}], 1),
        ([{"progress": 0.5}, {"progress": 2}], 2),
        ([{"percent": 250}], 100),
        ([{"percent": -3}], 0),
        ([{"percent": "40"}], None),
        ([{"percent": True}], None),
        ([{"percent": float("nan")}], None),
        (["40"], None),
        ([], None),
    ],
)
def test_progress_is_found_in_the_data(told: list[Any], percent: float | None):
    messages = view_of(*(message("status", data) for data in told)).state.messages
    progress = progress_of(messages.all, messages.by_topic)
    assert (None if progress is None else progress.percent) == percent


@pytest.mark.parametrize(
    ("topic", "data", "token"),
    [
        ("tokens", "once", "once"),
        ("answer", {"token": "once"}, "once"),
        ("answer", {"delta": " upon"}, " upon"),
        ("log", "a line", None),
        ("answer", {"token": 7}, None),
        ("answer", None, None),
    ],
)
def test_tokens_that_come_as_messages_are_recognised(topic: str, data: Any, token: str | None):
    assert token_of(Message("c", topic, data)) == token


def test_tokens_that_come_as_messages_make_one_text():
    seen = view_of(message("tokens", "once "), message("tokens", "upon")).seen
    assert seen.writing is not None
    assert seen.writing.text == "once upon"


def test_of_a_long_text_and_of_many_texts_only_the_latest_are_kept():
    updates: list[Update] = []
    for number in range(50):
        updates += (
            StreamOpened(f"s{number}", "c", f"text{number}"),
            Chunk(f"s{number}", "t", "x" * 5000),
        )
        updates += [Chunk(f"s{number}", "t", "y" * 5000)]
    seen = view_of(*updates).seen
    assert len(seen.writings) < 10
    assert seen.writing is not None
    assert seen.writing.topic == "text49"
    assert len(seen.writing.text) < 10_000
    assert seen.count == 100


def test_the_rate_is_what_came_in_the_last_second():
    beat = Beat()
    for number in range(40):
        beat = beat.hit(number / 20)
    assert beat.at(2.0).rate == 20.0
    assert beat.at(2.5).rate == 10.0
    assert beat.at(60.0).rate == 0.0
    assert len(beat.at(1e6).counts) == Beat.KEPT
