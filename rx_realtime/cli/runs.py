"""`rx-realtime runs`: some runs, of either engine, in one table."""

from __future__ import annotations

import click

from .exits import Exit
from .named import Named, checked_key
from .options import seconds, server_options, settings_of
from .reach import Reach
from .running import run_async
from .show import is_live
from .together import follow_together

__all__ = ["runs"]


@click.command(short_help="Show some runs, of either engine, in one table.")
@click.argument("named", nargs=-1, required=True, metavar="RUN…", type=Named.parse)
@click.option("--timeout", type=seconds, help="Give up after so many seconds.")
@click.option("--reconnect/--no-reconnect", default=True, help="Come back when it breaks off.")
@click.option(
    "--max-attempts",
    type=click.IntRange(1),
    metavar="N",
    help="Give a run up when so many attempts to connect failed in a row.",
)
@click.option("--plain", is_flag=True, help="Write lines, even to a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object for each update.")
@server_options
def runs(
    *,
    named: tuple[Named, ...],
    timeout: float | None,
    reconnect: bool,
    max_attempts: int | None,
    plain: bool,
    as_json: bool,
    url: str | None,
    allow_insecure: bool,
    ca_file: str | None,
) -> Exit:
    """Show some runs, of either engine, in one table, until all of them are over.

    \b
    Trigger.dev  run_…
    Inngest      CHANNEL=TOPIC,…
                 CHANNEL=TOPIC,…@RUN_ID   asks how the run ends, where the server does not say

    On a terminal: a line for each run. Elsewhere: a line for each update, behind the name of its
    run. A run that cannot be followed costs only itself.

    The exit codes are those of `watch`: 1 if one failed, else 4 or 5 if one could not be followed
    to its end, else 2 if one was cancelled.
    """  # noqa: D301  (the backslash keeps click from filling the paragraph)
    names = [each.name for each in named]
    if len({*names}) < len(names):
        raise click.UsageError("a run or channel is named twice")
    if any(each.is_run for each in named):
        checked_key(None)
    settings = settings_of(allow_insecure=allow_insecure, ca_file=ca_file)
    reach = Reach(
        url=url, token=None, settings=settings, reconnect=reconnect, max_attempts=max_attempts
    )
    following = follow_together(
        {each.name: reach.named(each) for each in named},
        place=url or "Inngest and Trigger.dev",
        is_live=is_live() and not (plain or as_json),
        as_json=as_json,
        within=timeout,
    )
    return run_async(following)
