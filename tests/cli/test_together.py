from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from rx_realtime.cli.board import Board, render_board
from rx_realtime.cli.together import Together
from rx_realtime.errors import ConnectionLost
from rx_realtime.models import (
    Message,
    RealtimeState,
    Run,
    RunChanged,
    RunStatus,
    Update,
    reduce_state,
)
from rx_realtime.models.update import Closed, Connecting, Failed, Opened, Received, Retrying
from rx_realtime.sources import RunUpdate
from rx_realtime.wire.trigger.words import run_change

AT = datetime(2026, 3, 4, 12, 30, 5, tzinfo=UTC)
LOST = ConnectionLost(1006)
CUT = Run(id="run_1", task_identifier="cut", status="EXECUTING", created_at=AT, started_at=AT)


def message(data: Any, topic: str = "status") -> Received:
    return Received(Message("film:1", topic, data, AT))


def board_of(**told: list[Update]) -> Board:
    together = Together.of(tuple(told), "here")
    for key, updates in told.items():
        state: RealtimeState[Any] = RealtimeState()
        for update in updates:
            state = reduce_state(state, update)
            together = together.after(RunUpdate(key, update, state), 1.0)
    return together.board(AT + timedelta(seconds=75), 75.0)


def screen(board: Board, width: int = 80, height: int = 24) -> str:
    console = Console(
        file=StringIO(), width=width, height=height, color_system=None, legacy_windows=False
    )
    with console.capture() as capture:
        console.print(render_board(board))
    return capture.get()


def lines_of(board: Board) -> list[str]:
    """Return the lines of the runs, as words, without the bars."""
    lines = screen(board).splitlines()[-len(board.rows) :]
    return [" ".join(line.replace("━", "").replace("╸", "").split()) for line in lines]


def test_runs_of_both_engines_have_a_line_each_in_the_order_they_were_named():
    board = board_of(
        run_1=[Opened(), run_change(CUT)],
        film=[Opened(), message({"percent": 40, "message": "Cutting"}), message("x", "log")],
        song=[Connecting()],
    )
    assert lines_of(board) == [
        "▶ run_1 cut executing 1:15",
        "▶ film Cutting running 40 % 2 messages",
        "○ song connecting",
    ]


def test_a_channel_shows_what_it_said_last_then_its_result_or_why_it_failed():
    said = message({"a": 1}, "log")
    done = RunChanged(RunStatus.COMPLETED, result="a reel")
    failed = RunChanged(RunStatus.FAILED, data={"error": {"message": "no film"}})
    board = board_of(going=[said], well=[said, done], badly=[said, failed])
    assert lines_of(board) == [
        '▶ going log: {"a": 1} running 1 message',
        "✓ well a reel completed 100 % 1 message",
        "✗ badly no film failed 1 message",
    ]


def test_what_keeps_a_run_from_being_followed_is_shown_until_it_is_over_or_back():
    lost: list[Update] = [Opened(), message(1), Closed(LOST), Retrying(1, 0.5, LOST)]
    over = [*lost, RunChanged(RunStatus.COMPLETED)]
    back = [*lost, Opened()]
    board = board_of(over=over, back=back, lost=lost)
    assert f"! lost: {LOST}" in screen(board)
    assert [row.word for row in board.rows] == ["completed", "running", "closed"]
    assert str(LOST) not in screen(board_of(over=over, back=back))


@pytest.mark.parametrize(
    ("links", "shown"),
    [
        ([Opened(), Opened()], "open"),
        ([Opened(), Connecting()], "connecting"),
        ([Closed(LOST), Connecting()], "closed"),
        ([Opened(), Failed(LOST)], "error"),
    ],
)
def test_the_connection_that_is_shown_is_the_one_to_worry_about(links: list[Update], shown: str):
    over: list[Update] = [RunChanged(RunStatus.COMPLETED), Failed(LOST)]
    board = board_of(one=[links[0]], other=[links[1]], over=over)
    assert f"connection {shown}" in screen(board)


@pytest.mark.parametrize("height", [1, 3, 24])
@pytest.mark.parametrize("width", [1, 20, 40, 80, 200])
def test_the_board_never_outgrows_the_terminal(width: int, height: int):
    runs: dict[str, list[Update]] = {f"字{n}" * 40: [message({"percent": n})] for n in range(30)}
    lines = screen(board_of(**runs), width, height).splitlines()
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize("width", [40, 60])
def test_on_a_narrow_terminal_each_run_is_still_named_and_its_status_readable(width: int):
    board = board_of(
        run_c0gx1ko3=[Opened(), run_change(CUT)], film=[message({"percent": 40, "text": "x" * 99})]
    )
    one, two = screen(board, width).splitlines()[-2:]
    assert one.startswith("▶ run_c0gx1ko3 ")
    assert "executing" in one
    assert two.startswith("▶ film ")
    assert "running" in two


def test_whatever_others_wrote_the_terminal_obeys_nothing_of_it():
    hostile = "\x1b[2J\x9b31m\x1b]0;title\x07\r\u202e[red]x[/red]"
    said: list[Update] = [message({"percent": 1, "label": hostile})]
    board = board_of(**{hostile: said})
    shown = screen(board, width=200)
    assert "[red]x[/red]" in shown
    assert not set(shown) & set("\x1b\x9b\x07\r\u202e")
