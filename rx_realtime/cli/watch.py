"""`rx-realtime watch`: a channel of a run, a run, or many of them, live."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from .exits import Exit
from .follow import follow
from .listed import follow_list
from .marbles import Strip, recorded, show_marbles
from .named import checked_key, is_run_id, where
from .options import seconds, server_options, settings_of
from .reach import Reach
from .running import run_async
from .show import Show, is_live, show_lines, show_live
from .token import token_from

__all__ = ["watch"]


_CODES: Final = """\
Exit codes: 0 the run completed, 1 it failed, 2 it was cancelled, 3 timed out, 4 not authorised, \
5 no connection or lost, 64 used wrongly, 130 interrupted."""


@click.command(epilog=_CODES)
@click.argument("channel", required=False, metavar="CHANNEL|RUN_ID")
@click.argument("topics", nargs=-1)
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="Runs with this tag; repeatable.")
@click.option("--batch", "batch_id", metavar="ID", help="The runs of this batch.")
@click.option("--run", "run_id", metavar="RUN_ID", help="The channel's run, asked for over REST.")
@click.option("--token-env", metavar="NAME", help="Take the token from this variable.")
@click.option(
    "--token-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="Take the token from this file, read for each connection; - is standard input.",
)
@click.option("--timeout", type=seconds, help="Give up after so many seconds.")
@click.option("--reconnect/--no-reconnect", default=True, help="Come back when it breaks off.")
@click.option(
    "--max-attempts",
    type=click.IntRange(1),
    metavar="N",
    help="Give up when so many attempts to connect failed in a row.",
)
@click.option("--streams/--no-streams", default=True, help="Read what a run_… streams, too.")
@click.option("--sse", is_flag=True, help="Use server-sent events instead of a websocket.")
@click.option("--plain", is_flag=True, help="Write lines, even to a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object for each update.")
@click.option("--marbles", is_flag=True, help="Draw a marble diagram: a line for each topic.")
@click.option("--tick", type=seconds, default="0.25", help="Seconds of a column of the diagram.")
@click.option(
    "--svg",
    "out",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Leave a picture of what was seen: the diagram as SVG.",
)
@server_options
def watch(
    *,
    channel: str | None,
    topics: tuple[str, ...],
    tags: tuple[str, ...],
    batch_id: str | None,
    run_id: str | None,
    token_env: str | None,
    token_file: str | None,
    timeout: float | None,
    url: str | None,
    reconnect: bool,
    max_attempts: int | None,
    streams: bool,
    sse: bool,
    plain: bool,
    as_json: bool,
    marbles: bool,
    tick: float,
    out: Path | None,
    allow_insecure: bool,
    ca_file: str | None,
) -> Exit:
    """Show what happens as it happens, until it is over.

    \b
    Inngest      watch CHANNEL TOPICS…
    Trigger.dev  watch run_…  |  watch --tag TAG…  |  watch --batch ID

    On a terminal: the connection, the run, progress (an object with `percent`, `progress` or
    `pct`), text as it is written, the latest messages and how many come; of many runs a line for
    each. Elsewhere: a line for each update.

    Of a channel the topics may be left out where the token names them. The open-source server
    tells nobody how a run ends: name the run with --run.

    A run_… alone is a run of Trigger.dev, with TOPICS it is a channel. Progress comes from its
    metadata, text from its streams. A batch is over with its runs: it failed if one failed, and was
    cancelled if one was cancelled and none failed. Runs with tags go on coming, until Ctrl-C or
    --timeout.

    Several runs, of either engine, are shown by `rx-realtime runs`.
    """  # noqa: D301  (the backslash keeps click from filling the paragraph)
    token = token_from(token_env, token_file)
    reach = Reach(
        url=url,
        token=token,
        settings=settings_of(allow_insecure=allow_insecure, ca_file=ca_file),
        reconnect=reconnect,
        max_attempts=max_attempts,
    )
    is_lines = as_json or plain or not is_live()
    is_run = channel is not None and not topics and is_run_id(channel)
    if is_run or tags or batch_id:
        if sse or run_id:
            raise click.UsageError("--sse and --run are for channels")
        checked_key(token)
    if tags or batch_id:
        if channel or (tags and batch_id):
            raise click.UsageError("name one: a channel, a run, tags, or a batch")
        if marbles or out:
            raise click.UsageError("--marbles and --svg draw a channel or one run")
        following = follow_list(
            reach.runs(tags, batch_id),
            title=f"batch {batch_id}" if batch_id else f"runs tagged {', '.join(tags)}",
            place=where(url),
            is_live=not is_lines,
            as_json=as_json,
            ends=batch_id is not None,
            within=timeout,
        )
        return run_async(following)
    if channel is None:
        raise click.UsageError("name a CHANNEL and TOPICS, a run_…, a --tag or a --batch")
    if is_run:
        rt, place = reach.run(channel, streams=streams), where(url)
    elif topics or token is not None:
        rt = reach.channel(channel, topics, run_id=run_id, sse=sse)
        place = _place(topics, run_id)
    else:
        raise click.UsageError(f"name the topics: rx-realtime watch {channel} TOPIC…")
    call = f"watch({', '.join(map(repr, (channel, *topics)))})"
    strip = Strip(call, topics, tick=tick)
    show: Show
    if marbles:
        show = show_marbles(strip)
    elif is_lines:
        show = show_lines(json=as_json, see=strip.see)
    else:
        show = show_live(channel, place, see=strip.see)
    if marbles or out is not None:
        show = recorded(show, strip, out=out, echo=marbles)
    return run_async(follow(rt, show, within=timeout))


def _place(topics: tuple[str, ...], run_id: str | None) -> str:
    named = ", ".join(topics) or "the token's topics"
    return f"{named} of run {run_id}" if run_id else named
