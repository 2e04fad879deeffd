"""`rx-realtime play`: what is drawn happens on a server, and a client sees it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

import rx_realtime as rxr
from rx_realtime.cli.acts import Act, Complete, Drain, Drop, Fail, Publish, acts_of, topics_of
from rx_realtime.cli.play import perform, said
from rx_realtime.diagram import parse
from rx_realtime.models import Closed, Draining, Message, Received, RunChanged
from rx_realtime.models.update import Opened
from rx_realtime.server import DevServer
from tests.cli.commands import Command, line_with, process
from tests.watching import Watch

VALUES = {
    "opened": Opened(),
    "told": Received(Message("c", "status", {"percent": 50})),
    "draining": Draining(),
    "closed": Closed(),
    "completed": RunChanged(rxr.RunStatus.COMPLETED, result=42),
    "failed": RunChanged(rxr.RunStatus.FAILED),
}


def acts(lines: str, legend: str = "") -> list[tuple[int, Act]]:
    head = f"% {legend}\n" if legend else ""
    zero = "  " if "^" in lines else ""
    sheet = parse(f"{head}case  x\n{lines}\n  > f()\n  r  {zero}  -")
    return acts_of(sheet, sheet.cases[0], VALUES)


@pytest.mark.parametrize(
    ("lines", "legend", "expected"),
    [
        ("  s    -a|", "", [(1, Publish("s", "a")), (2, Complete())]),
        ("  s    -a#", "a = [1]  # = 'no'", [(1, Publish("s", [1])), (2, Fail("no"))]),
        ("  s    #", "", [(0, Fail("it failed"))]),
        ("  s    #\n  s      |", "", [(0, Drop()), (2, Complete())]),
        ("  s    -|\n  t    --a-|", "", [(2, Publish("t", "a")), (4, Complete())]),
        ("  s    -#\n  t    --a-|", "", [(1, Fail("it failed"))]),
        ("  s    oat", "o = opened  a = told  t = completed",
         [(1, Publish("status", {"percent": 50})), (2, Complete(42))]),
        ("  s    dcf-a", "d = draining  c = closed  f = failed  a = told",
         [(0, Drain()), (1, Drop()), (2, Fail("it failed"))]),
        ("  s    a-^b", "", [(1, Publish("s", "b"))]),  # what is past cannot be told
    ],
)  # fmt: skip
def test_each_sign_is_an_act_at_its_tick(lines: str, legend: str, expected: list[tuple[int, Act]]):
    assert acts(lines, legend) == expected


def test_where_nothing_is_above_the_call_what_comes_out_is_played():
    sheet = parse("case  x\n  > watch('c')\n  status  -a!\n  tokens  --b|")
    [case] = sheet
    assert topics_of(case) == ("status", "tokens")
    assert acts_of(sheet, case, {}) == [
        (1, Publish("status", "a")),
        (2, Publish("tokens", "b")),
        (3, Complete()),
    ]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (Publish("t", {"a": "\x1b"}), 't: {"a": "\\u001b"}'),
        (Complete(), "the run completes"),
        (Complete(42), "the run completes: 42"),
        (Fail("no"), "the run fails: no"),
        (Drain(), "the server says that it will close"),
        (Drop(), "the connection breaks off"),
    ],
)
def test_what_happens_is_said(act: Act, words: str):
    assert said(act) == words


async def at_once(_: int) -> None:
    await asyncio.sleep(0)


async def test_a_client_sees_what_is_drawn_breaks_and_all(server: DevServer):
    sequence: list[tuple[int, Act]] = [
        (1, Publish("socket", {"n": 1})),
        (2, Drop()),
        (5, Publish("socket", {"n": 2})),
        (6, Complete("done")),
    ]
    rt: rxr.Realtime[Any] = rxr.inngest.realtime(
        "marbles:x", ["socket"], api_base_url=server.url, reconnect_min=0.01, reconnect_max=0.01
    )
    told: list[int] = []
    playing = asyncio.create_task(
        perform(server, sequence, "marbles:x", until=at_once, tell=lambda due, _: told.append(due))
    )
    async with Watch(rt.events) as watch:
        await watch.until(lambda: watch.has_ended)
    await playing
    assert [each.message.data for each in watch.of(Received)] == [{"n": 1}, {"n": 2}]
    assert len(watch.of(Opened)) == 2
    assert rt.current.run_status is rxr.RunStatus.COMPLETED
    assert rt.current.result == "done"
    assert told == [1, 2, 5, 6]


async def test_a_diagram_is_played_by_a_command_and_watched_by_another(tmp_path: Path):
    path = tmp_path / "two words.marble"
    path.write_text("case  x\n  % a = {'percent': 50}\n\n  > f()\n  status  -a|\n")
    async with process("play", str(path), "--port", "0", "--tick", "0.01") as playing:
        line = await line_with(playing.stdout, "rx-realtime watch")
        url = line.split()[-1]
        assert line.strip() == f"rx-realtime watch 'marbles:two words' status --url {url}"
        async with process("watch", "marbles:two words", "status", "--url", url) as watching:
            out, _ = await watching.communicate()
        assert 'status: {"percent": 50}' in out.decode()
        assert watching.returncode == 0
        await line_with(playing.stdout, "the run completes")
        assert await playing.wait() == 0


def test_without_waiting_it_is_over_when_all_is_said(command: Command, tmp_path: Path):
    path = tmp_path / "x.marble"
    path.write_text("case  x\n  s    -a|\n  > f()\n  run  -a|\n")
    done = command("play", str(path), "--port", "0", "--tick", "0", "--no-wait")
    assert done.code == 0
    assert done.out.endswith('    1  s: "a"\n    2  the run completes\n')


def test_a_name_that_no_module_defines_is_pointed_at(command: Command, tmp_path: Path):
    path = tmp_path / "x.marble"
    path.write_text("case  x\n  % a = nobody\n  > f()\n  run  -a|\n")
    done = command("play", str(path), "--port", "0")
    assert done.code == 2
    assert done.err.splitlines()[1:] == ["  % a = nobody", "    ^"]
