"""`rx-realtime serve`: the dev server, until Ctrl-C."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from .exits import Exit
from .needs import server_extra
from .options import debug_option
from .pipeline import Published, Talk, publish_talk
from .running import run_async, stop_signals
from .seen import fields_of

if TYPE_CHECKING:
    from ..server import ActedRun, DevServer, Event

__all__ = ["serve"]


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8288, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--allow-remote", is_flag=True, help="Let other machines in; needs a signing key.")
@click.option(
    "--signing-key-env",
    metavar="NAME",
    help="Ask applications for the signing key in this variable.",
)
@click.option("--plain-streams", is_flag=True, help="Deliver text streams as plain messages.")
@click.option(
    "--no-run-frames",
    is_flag=True,
    help="Say nothing about runs on channels, as the open-source server.",
)
@debug_option
def serve(
    port: int,
    host: str,
    signing_key_env: str | None,
    *,
    allow_remote: bool,
    plain_streams: bool,
    no_run_frames: bool,
) -> Exit:
    """Serve Inngest's realtime protocol for development, until Ctrl-C.

    The event `demo/started` starts a run that publishes on the channel `talk:ID`, where ID is the
    event's `id`.
    """
    with server_extra():
        from ..server import DevServer  # noqa: PLC0415
    key = None if signing_key_env is None else os.environ.get(signing_key_env)
    if signing_key_env is not None and not key:
        raise click.UsageError(f"the variable {signing_key_env} is empty or not set")
    server = DevServer(
        port,
        host=host,
        allow_remote=allow_remote,
        signing_key=key,
        plain_streams=plain_streams,
        emit_run_frames=not no_run_frames,
    )
    server.inngest.function("demo/started", name="publish-a-talk")(_demo)
    return run_async(_serve(server))


async def _serve(server: DevServer) -> Exit:
    with stop_signals() as asked:
        async with server:
            click.echo(_GREETING.format(url=server.url))
            await asked.wait()
            click.echo("Stopping.")
    return Exit.COMPLETED


async def _demo(run: ActedRun, event: Event) -> dict[str, Any]:
    talk = Talk(talk_id=str(fields_of(event.data).get("id", run.id)))
    run.channel(talk)
    result: Published = await publish_talk(run, talk)
    return result.model_dump()


_GREETING = """\
The dev server listens on {url}

  export INNGEST_DEV={url}

and, to see something, in two terminals:

  rx-realtime watch talk:1 status artifacts summary
  rx-realtime send demo/started '{{"id": "1"}}'

Ctrl-C stops it.
"""
