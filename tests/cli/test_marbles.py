"""What a watcher saw, as a diagram that can be read, and as a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from rx_realtime import ConnectionLost, RunStatus
from rx_realtime.cli.marbles import Strip
from rx_realtime.diagram import parse
from rx_realtime.models import Closed, Connecting, Message, Opened, Received, RunChanged, Update
from rx_realtime.models.update import Chunk, Retrying
from rx_realtime.server import ActedRun, DevServer
from tests.cli.commands import CHANNEL, Command, meanwhile


async def tell(run: ActedRun) -> None:
    await run.publish("status", {"percent": 50})
    await run.stream("text", ["once ", "upon"])
    await run.complete({"frames": 24})


def test_a_session_is_a_line_for_the_connection_the_run_and_each_topic():
    now = 0.0
    strip = Strip("watch('film:1', 'status')", ["status"], tick=0.5, now=lambda: now)
    happened: list[tuple[float, Update]] = [
        (0.0, Connecting()),
        (1.0, Opened()),
        (1.5, RunChanged(RunStatus.RUNNING)),
        (2.0, Received(Message("film:1", "status", {"percent": 50}))),
        (2.6, Closed(ConnectionLost(1006))),
        (2.6, Retrying(1, 0.5, ConnectionLost(1006))),
        (3.0, Connecting()),
        (3.5, Opened()),
        (4.0, Chunk("s1", "text", "once")),
        (4.5, RunChanged(RunStatus.COMPLETED, result=24)),
    ]
    for seconds, update in happened:
        now = seconds
        strip.see(update)
    strip.over()
    assert (
        strip.text()
        == """\
case  what was seen
  % A column is 0.5 s.
  % c = 'connecting'  o = 'open'  C = 'closed'  t = 'text'  r = 'running'  O = 'completed'
  % P = {'percent': 50}  b = 24

  > watch('film:1', 'status')
  connection  c-o--Cco-|
  run         ---r-----(Ob|)
  status      ----P---------
  text        --------t-----
"""
    )
    assert len(parse(strip.text()).cases) == 1
    assert strip.picture().endswith("</svg>\n")


def test_a_session_that_fails_says_why():
    strip = Strip("watch('c', 't')", ["t"], tick=1, now=lambda: 0)
    strip.over(ConnectionLost(1006))
    assert "connection  #    # = 'the connection was lost with code 1006'" in strip.text()


def test_watching_leaves_a_diagram_that_can_be_pasted(
    background: DevServer, command: Command, tmp_path: Path
):
    meanwhile(background, tell)
    out = tmp_path / "session.svg"
    done = command(
        "watch", CHANNEL, "status", "text", "--url", background.url, "--marbles", "--svg", str(out)
    )
    assert done.code == 0
    [case] = parse(done.out)
    assert case.call.text == f"watch('{CHANNEL}', 'status', 'text')"
    assert [line.name for line in case.results] == ["connection", "run", "status", "text"]
    [_, run, status, text] = case.results
    assert run.marks[-1].sign == "|"
    assert (len(status.marks), len(text.marks)) == (1, 2)
    assert out.read_text().startswith("<svg ")


@pytest.mark.parametrize("option", ["--plain", "--json"])
def test_a_picture_goes_with_any_view(
    background: DevServer, command: Command, tmp_path: Path, option: str
):
    meanwhile(background, tell)
    out = tmp_path / "session.svg"
    done = command("watch", CHANNEL, "status", "--url", background.url, option, "--svg", str(out))
    assert done.code == 0
    assert "{&quot;percent&quot;: 50}" in out.read_text() or "'percent': 50" in out.read_text()
