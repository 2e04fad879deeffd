"""`rx-realtime serve`: the dev server, until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import click

from .exits import Exit
from .needs import server_extra
from .options import debug_option
from .pipeline import SUMMARY, Published, Talk, publish_talk
from .running import run_async, stop_signals
from .seen import fields_of

if TYPE_CHECKING:
    from ..server import ActedRun, DevServer, Event, TaskRun

__all__ = ["act_out", "serve", "told_key"]

#: What the demo task does, and up to which percentage.
_STEPS = (("Reading the pages", 30), ("Writing the summary", 80), ("Drawing the cover", 100))
_WRITING = range(31, 81)
#: Seconds between two percents of it.
_BEAT = 0.06


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8288, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--allow-remote", is_flag=True, help="Let other machines in; needs a signing key.")
@click.option(
    "--signing-key-env",
    metavar="NAME",
    help="Ask applications for the signing key in this variable.",
)
@click.option(
    "--secret-key-env",
    metavar="NAME",
    help="Trigger.dev's clients must show the key in this variable.",
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
    secret_key_env: str | None,
    *,
    allow_remote: bool,
    plain_streams: bool,
    no_run_frames: bool,
) -> Exit:
    """Serve the realtime protocols of Inngest and Trigger.dev for development, until Ctrl-C.

    The event `demo/started` starts a run that publishes on the channel `talk:ID`, where ID is the
    event's `id`. The task `demo` says in its metadata how far it is, and streams a `summary`.
    """
    with server_extra():
        from ..server import DevServer  # noqa: PLC0415
    server = DevServer(
        port,
        host=host,
        allow_remote=allow_remote,
        signing_key=_key(signing_key_env),
        trigger_secret_key=_key(secret_key_env),
        plain_streams=plain_streams,
        emit_run_frames=not no_run_frames,
    )
    server.inngest.function("demo/started", name="publish-a-talk")(_demo)
    server.trigger.task("demo")(act_out)
    return run_async(_serve(server, secret_key_env))


def _key(env: str | None) -> str | None:
    key = None if env is None else os.environ.get(env)
    if env is not None and not key:
        raise click.UsageError(f"the variable {env} is empty or not set")
    return key


async def _serve(server: DevServer, secret_key_env: str | None) -> Exit:
    with stop_signals() as asked:
        async with server:
            click.echo(_GREETING.format(url=server.url, key=told_key(server, secret_key_env)))
            await asked.wait()
            click.echo("Stopping.")
    return Exit.COMPLETED


async def _demo(run: ActedRun, event: Event) -> dict[str, Any]:
    talk = Talk(talk_id=str(fields_of(event.data).get("id", run.id)))
    run.channel(talk)
    result: Published = await publish_talk(run, talk)
    return result.model_dump()


def told_key(server: DevServer, secret_key_env: str | None) -> str:
    """Say which key to show: the one that everybody knows is said, of others where it is."""
    from ..server.trigger import DEV_SECRET_KEY  # noqa: PLC0415

    if secret_key_env is not None:
        return f'"${secret_key_env}"'
    key = server.trigger.secret_key.get_secret_value()
    return key if key == DEV_SECRET_KEY else "…  # give one with --secret-key-env"


async def act_out(run: TaskRun, payload: Any, *, pace: float = 1.0) -> dict[str, Any]:
    """Act the demo task out, in about six seconds.

    Args:
        pace: how many times faster than that.
    """
    summary = run.stream("summary")
    for percent in range(101):
        if percent in _WRITING:
            await summary.write(_written(percent))
        step = next(step for step, end in _STEPS if percent <= end)
        await run.set_metadata({"progress": {"percentage": percent, "step": step}})
        if percent < 100:
            await asyncio.sleep(_BEAT / pace)
    return {"title": "Values in time", "pages": 12, "payload": payload}


def _written(percent: int) -> str:
    """Return the words of the summary that are written at this percent."""
    words = SUMMARY.split(" ")
    start, stop = (
        len(words) * (each - _WRITING.start) // len(_WRITING) for each in (percent, percent + 1)
    )
    return "".join(f"{word} " for word in words[start:stop])


_GREETING = """\
The dev server listens on {url}

  export INNGEST_DEV={url}
  export TRIGGER_API_URL={url}
  export TRIGGER_SECRET_KEY={key}

and, to see something, in two terminals:

  rx-realtime watch talk:1 status artifacts summary
  rx-realtime send demo/started '{{"id": "1"}}'

or in one:

  rx-realtime trigger demo --follow

Ctrl-C stops it.
"""
