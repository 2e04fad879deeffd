from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from rx_realtime.cli.board import Board, render_board
from rx_realtime.cli.listed import Listed
from rx_realtime.cli.progress import run_progress
from rx_realtime.cli.seen import Seen
from rx_realtime.cli.view import View
from rx_realtime.errors import ConnectionLost
from rx_realtime.models import RealtimeState, Run, RunChanged, TriggerStatus, Update
from rx_realtime.models.update import Opened, Retrying
from rx_realtime.sources.trigger import RunsView

AT = datetime(2026, 3, 4, 12, 30, 5, tzinfo=UTC)


def run_of(number: int, status: str = TriggerStatus.EXECUTING, **fields: Any) -> Run:
    fields = {"created_at": AT, "number": number, "task_identifier": "cut", **fields}
    return Run(id=f"run_{number:020}", status=status, **fields)


def board_of(*runs: Run, after: Update | None = None) -> Board:
    view = View("batch 1", "Trigger.dev", RealtimeState(), Seen(), 1.0)
    listed = Listed(view, RunsView({run.id: run for run in runs}))
    listed = listed if after is None else listed.after(after)
    return listed.board(AT + timedelta(seconds=75), 75.0)


def screen(board: Board, width: int = 80, height: int = 24) -> str:
    console = Console(
        file=StringIO(), width=width, height=height, color_system=None, legacy_windows=False
    )
    with console.capture() as capture:
        console.print(render_board(board))
    return capture.get()


def test_each_run_has_a_line_with_its_task_status_progress_and_duration():
    done = {"started_at": AT, "finished_at": AT + timedelta(seconds=2.5)}
    board = board_of(
        run_of(1, started_at=AT, metadata={"progress": {"percentage": 40}}),
        run_of(2, TriggerStatus.COMPLETED, **done),
        run_of(3, TriggerStatus.CANCELED, **done),
        run_of(4, TriggerStatus.QUEUED),
        after=Opened(),
    )
    lines = screen(board).splitlines()
    assert any("connection open" in line and "4 runs" in line for line in lines)
    one, two, three, four = [" ".join(line.replace("━", "").split()) for line in lines[-4:]]
    assert one.replace("╸", "") == "▶ 00000001 cut executing 40 % 1:15"
    assert two == "✓ 00000002 cut completed 100 % 2.5 s"
    assert three == "■ 00000003 cut cancelled 2.5 s"
    assert four == "○ 00000004 cut queued"


@pytest.mark.parametrize("height", [1, 3, 6, 24])
@pytest.mark.parametrize("width", [1, 20, 50, 80, 200])
def test_the_board_never_outgrows_the_terminal(width: int, height: int):
    names: dict[str, Any] = {"task_identifier": "字" * 300, "metadata": {"percent": 3}}
    lost = ConnectionLost(1006)
    board = board_of(*(run_of(n, **names) for n in range(50)), after=Retrying(1, 0.5, lost))
    lines = screen(board, width, height).splitlines()
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)


def test_where_there_is_no_space_for_all_those_that_go_on_are_shown():
    ended = [run_of(n, TriggerStatus.COMPLETED, finished_at=AT) for n in range(40)]
    shown = screen(board_of(*ended, run_of(77), run_of(78)), height=10)
    assert "00000077" in shown
    assert "00000078" in shown
    assert "… and 35 more" in shown
    assert "00000039" in screen(board_of(*ended).ended(), height=10)


def test_whatever_others_wrote_the_terminal_obeys_nothing_of_it():
    hostile = "\x1b[2J\x9b31m\x1b]0;title\x07\r\u202e[red]x[/red]"
    run = run_of(1, hostile, task_identifier=hostile, metadata={"percent": 1, "label": hostile})
    shown = screen(board_of(run, after=RunChanged(data=run)), width=200)
    assert "[red]x[/red]" in shown
    assert not set(shown) & set("\x1b\x9b\x07\r\u202e")


@pytest.mark.parametrize(
    ("metadata", "percent"),
    [
        ({"percent": 40}, 40),
        ({"progress": 0.5}, 50),
        ({"progress": 1}, 100),
        ({"progress": 60}, 60),
        ({"percentage": 1}, 1),
        ({"progress": {"percentage": 40}}, 40),
        ({"video": {"pct": 250}}, 100),
        ({"percent": -3}, 0),
        ({"percent": True}, None),
        ({"percent": "40"}, None),
        ({"percent": float("nan")}, None),
        (["percent"], None),
        (None, None),
    ],
)
def test_progress_is_found_in_the_metadata(metadata: Any, percent: float | None):
    progress = run_progress(run_of(1, metadata=metadata))
    assert (None if progress is None else progress.percent) == percent


def test_progress_says_what_the_run_is_doing_or_which_task_it_is():
    said = run_progress(run_of(1, metadata={"step": "Cutting", "progress": {"percent": 4}}))
    assert said is not None
    assert said.label == "Cutting"
    said = run_progress(run_of(1, metadata={"percent": 4}))
    assert said is not None
    assert said.label == "cut"
