"""`rx-realtime play`: a diagram, acted out on a dev server, so that any client can be watched."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import click

from ..diagram import Sheet, draw
from ..testing.values import load_values
from .acts import Act, Complete, Drain, Drop, Fail, Publish, acts_of, topics_of
from .clean import clean, json_text, plain_data
from .coloured import coloured
from .exits import Exit
from .needs import server_extra
from .options import debug_option
from .running import run_async, stop_signals
from .sheets import of_case, read_sheet, refusals

if TYPE_CHECKING:
    from ..server import ActedRun, DevServer

__all__ = ["perform", "play"]

#: What happens, each with its tick.
Acts: TypeAlias = Sequence[tuple[int, Act]]


@click.command(epilog="Exit code 2: the diagram cannot be read; it is shown where and why.")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("--case", "wanted", metavar="CASE", help="Its number, or part of its title.")
@click.option("--port", type=click.IntRange(0, 65535), default=8288, show_default=True)
@click.option(
    "--tick", type=click.FloatRange(0), default=0.25, show_default=True, help="Seconds of a column."
)
@click.option("--channel", metavar="NAME", help="By default `marbles:` and the file's name.")
@click.option("--wait/--no-wait", default=True, help="Begin when somebody listens.")
@debug_option
def play(
    file: Path, wanted: str | None, port: int, tick: float, channel: str | None, *, wait: bool
) -> Exit:
    """Act out a case of the marble diagrams in FILE on a dev server, in real time.

    Each line is a topic, each letter a message: what its legend says, or the letter. `|` completes
    the run, `#` fails it; where another line of the same name follows, they break the connection.
    Without --case it is the first one.
    """
    with server_extra():
        from ..server import DevServer  # noqa: PLC0415
    with refusals():
        sheet = of_case(read_sheet(file), wanted or "1")
        [case] = sheet.cases
        acts = acts_of(sheet, case, load_values(sheet, file.parent))
    name = channel or f"marbles:{file.stem}"
    return run_async(_serve(DevServer(port), sheet, acts, name, tick, wait=wait))


async def _serve(
    server: DevServer, sheet: Sheet, acts: Acts, channel: str, tick: float, *, wait: bool
) -> Exit:
    loop = asyncio.get_running_loop()
    began: float | None = None

    async def until(due: int) -> None:
        nonlocal began
        began = loop.time() if began is None else began
        # Measured from the beginning: what takes time itself makes nothing later.
        await asyncio.sleep(began + due * tick - loop.time())

    def tell(due: int, act: Act) -> None:
        click.echo(clean(f"{due:>5}  {said(act)}"))

    with stop_signals() as asked:
        async with server:
            click.echo(_greeting(server.url, sheet, channel))
            playing = asyncio.create_task(
                perform(server, acts, channel, until=until, wait=wait, tell=tell)
            )
            stopping = asyncio.create_task(asked.wait())
            try:
                await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if playing.done():
                    await playing
            finally:
                playing.cancel()
                stopping.cancel()
                await asyncio.gather(playing, stopping, return_exceptions=True)
    return Exit.COMPLETED


async def perform(
    server: DevServer,
    acts: Acts,
    channel: str,
    *,
    until: Callable[[int], Awaitable[None]],
    wait: bool = True,
    tell: Callable[[int, Act], None] = lambda due, act: None,
) -> None:
    """Act, each at its tick, and stay until nobody listens any more.

    Args:
        until: waits for a tick.
        wait: begin when somebody listens, and after a break go on when somebody is back: what
            nobody hears is not said.
        tell: told of each act.
    """
    hub = server.inngest.hub

    async def somebody() -> None:
        if wait:
            await hub.until(lambda: server.inngest.connections > 0)

    await somebody()
    run = server.inngest.start_run("play", channel=channel)
    for due, act in acts:
        await until(due)
        tell(due, act)
        await _do(server, run, act)
        if isinstance(act, Drop):
            await server.inngest.until_connections(0)
            await somebody()
    await server.inngest.until_connections(0)


async def _do(server: DevServer, run: ActedRun, act: Act) -> None:
    from ..server.outbox import Goodbye  # noqa: PLC0415 - the extra is there by now

    match act:
        case Publish(topic, data):
            await run.publish(topic, plain_data(data))
        case Complete(result):
            await run.complete(plain_data(result))
        case Fail(error):
            await run.fail(error)
        case Drain():
            server.inngest.announce_closing()
        case Drop():
            # Not `faults.drop`: what was said before is drawn before, and is to be heard.
            for subscriber in server.inngest.hub.subscribers:
                subscriber.outbox.finish(Goodbye(None))


def said(act: Act) -> str:
    """Say what happens."""
    match act:
        case Publish(topic, data):
            return f"{topic}: {json_text(data)}"
        case Complete(result):
            return "the run completes" + ("" if result is None else f": {json_text(result)}")
        case Fail(error):
            return f"the run fails: {error}"
        case Drain():
            return "the server says that it will close"
        case Drop():
            return "the connection breaks off"


def _greeting(url: str, sheet: Sheet, channel: str) -> str:
    [case] = sheet.cases
    topics = " ".join(map(shlex.quote, topics_of(case)))
    return _GREETING.format(
        picture=coloured(clean(draw(sheet), lines=True)),
        url=url,
        command=clean(f"rx-realtime watch {shlex.quote(channel)} {topics} --url {url}"),
    )


_GREETING: Final = """\
{picture}
is played on {url}. To see it:

  {command}

Any client may listen, the npm SDK with INNGEST_DEV={url}. Ctrl-C stops it.
"""
