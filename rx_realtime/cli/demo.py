"""`rx-realtime demo`: a server, a run and a viewer, in one terminal."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress

import click
from tenacity.wait import wait_fixed

from ..sources import inngest
from .exits import Exit
from .follow import follow
from .needs import server_extra
from .options import debug_option
from .pipeline import Published, Talk, publish_talk
from .running import run_async
from .show import Show, is_live, show_lines, show_live

__all__ = ["demo"]

#: Seconds until the connection that was dropped comes back: long enough to be seen.
_AWAY = 0.9
_TOO_LONG = 60.0


@click.command()
@click.option("--plain", is_flag=True, help="Write lines, even to a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object for each update.")
@click.option("--pace", type=click.FloatRange(0.1, 1000), default=1.0, hidden=True)
@debug_option
def demo(*, plain: bool, as_json: bool, pace: float) -> Exit:
    """Watch a run from its start to its result, in a few seconds.

    A dev server starts in this process. A run publishes typed status and artifacts, and writes a
    text. Half way the connection is cut, so that you see it come back.
    """
    return run_async(_demo(pace, plain=plain, as_json=as_json))


async def _demo(pace: float, *, plain: bool, as_json: bool) -> Exit:
    with server_extra():
        from ..server import DevServer  # noqa: PLC0415

    async with DevServer() as server:
        talk = Talk(talk_id=secrets.token_hex(3))

        async def cut() -> None:
            """Drop the viewer, and wait until it is back: what nobody hears is not said."""
            server.faults.drop()
            await server.inngest.until_connections(0)
            await server.inngest.until_connections(1)

        async def act() -> None:
            await server.inngest.until_connections(1)
            run = server.inngest.start_run("publish-a-talk", channel=talk)
            await run.complete(await publish_talk(run, talk, pace=pace, midway=cut))

        rt = inngest.realtime(
            talk, api_base_url=server.url, wait=wait_fixed(_AWAY / pace), result=Published
        )
        show: Show
        if plain or as_json or not is_live():
            show = show_lines(json=as_json)
        else:
            show = show_live(
                f"rx-realtime demo · {talk.name}", f"{', '.join(talk.topics())} at {server.url}"
            )
        acting = asyncio.create_task(act())
        try:
            return await follow(rt, show, within=_TOO_LONG)
        finally:
            acting.cancel()
            with suppress(asyncio.CancelledError):
                await acting
