"""`rx-realtime trigger`: a run of a task, and if asked to, its end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from ..sources import trigger as engine
from .clean import clean
from .exits import Exit
from .follow import follow
from .lines import json_line
from .named import checked_key, where
from .options import seconds, server_options, settings_of
from .payload import json_or_text, standard_input
from .reach import Reach
from .running import run_async
from .show import is_live, show_lines, show_live
from .token import token_from

__all__ = ["trigger"]


@click.command()
@click.argument("task")
@click.argument("payload", required=False)
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="A tag of the run; repeatable.")
@click.option("--follow", "is_followed", is_flag=True, help="Watch the run to its end.")
@click.option("--timeout", type=seconds, help="With --follow: give up after so many seconds.")
@click.option("--plain", is_flag=True, help="Write lines, even to a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON objects, one on each line.")
@click.option(
    "--secret-key-env",
    metavar="NAME",
    help="Take the key from this variable instead of TRIGGER_SECRET_KEY.",
)
@server_options
def trigger(
    *,
    task: str,
    payload: str | None,
    tags: tuple[str, ...],
    is_followed: bool,
    timeout: float | None,
    plain: bool,
    as_json: bool,
    secret_key_env: str | None,
    url: str | None,
    allow_insecure: bool,
    ca_file: str | None,
) -> Exit:
    """Trigger TASK of Trigger.dev; the id of the run is written to standard output.

    PAYLOAD is JSON if it can be read as JSON, else text; with - it is read from standard input.
    With --follow the exit codes are those of `watch`.
    """
    key = token_from(secret_key_env, None)
    checked_key(key)
    settings = settings_of(allow_insecure=allow_insecure, ca_file=ca_file)
    options = engine.TriggerOptions(tags=tags)

    async def work() -> Exit:
        text = await standard_input() if payload == "-" else payload
        data: Any = None if text is None else json_or_text(text)
        run = await engine.trigger(
            task, data, options, token=key, api_base_url=url, settings=settings
        )
        said = {"kind": "triggered", "task": run.task, "run_id": run.id}
        now = datetime.now().astimezone()
        click.echo(json_line(said, now) if as_json else clean(run.id))
        if not is_followed:
            return Exit.COMPLETED
        rt = Reach(url=url, token=key, settings=settings).run(run.id, streams=True)
        is_lines = as_json or plain or not is_live()
        title = f"{run.task} {run.id}"
        show = show_lines(json=as_json) if is_lines else show_live(title, where(url))
        return await follow(rt, show, within=timeout)

    return run_async(work())
