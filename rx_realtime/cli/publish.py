"""`rx-realtime publish`: one message, or a text as it is written."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from typing import Any

import click

from ..sources import inngest
from .options import server_options, settings_of
from .payload import json_or_text, parsed, standard_input
from .running import run_async
from .stdin import pieces

__all__ = ["publish"]


@click.command()
@click.argument("channel")
@click.argument("topic")
@click.argument("data", required=False)
@click.option("--json", "form", flag_value="json", help="DATA must be JSON.")
@click.option("--text", "form", flag_value="text", help="DATA is text, even if it looks like JSON.")
@click.option("--stream", is_flag=True, help="Publish a text stream, piece by piece as it comes.")
@click.option("--run", "run_id", metavar="RUN_ID", help="The run it is published from.")
@click.option("--metadata", metavar="JSON", help="Any JSON that is to travel with it.")
@server_options
def publish(
    *,
    channel: str,
    topic: str,
    data: str | None,
    form: str | None,
    run_id: str | None,
    metadata: str | None,
    url: str | None,
    stream: bool,
    allow_insecure: bool,
    ca_file: str | None,
) -> None:
    """Publish DATA on a TOPIC of a CHANNEL.

    DATA is JSON if it can be read as JSON, else text. Without DATA, or with -, it is read from
    standard input.
    """
    to = channel, topic
    if data is None and sys.stdin.isatty() and not stream:
        raise click.UsageError("name the DATA, or - for standard input")
    if stream and form == "json":
        raise click.UsageError("a stream is text: --stream and --json do not go together")
    settings = settings_of(allow_insecure=allow_insecure, ca_file=ca_file)
    extra = None if metadata is None else parsed(metadata, "--metadata")

    async def work() -> None:
        if stream:
            text: str | AsyncIterator[str] = pieces() if data in (None, "-") else data
            await inngest.publish_text(
                to, text, run_id=run_id, metadata=extra, api_base_url=url, settings=settings
            )
            return
        whole = await standard_input() if data in (None, "-") else data
        await inngest.publish(
            to,
            _payload(whole, form),
            run_id=run_id,
            metadata=extra,
            api_base_url=url,
            settings=settings,
        )

    run_async(work())


def _payload(text: str, form: str | None) -> Any:
    if form == "text":
        return text
    return parsed(text, "DATA") if form == "json" else json_or_text(text)
