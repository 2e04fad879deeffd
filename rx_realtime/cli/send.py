"""`rx-realtime send`: an event, which starts the functions that wait for it."""

from __future__ import annotations

import json
from typing import Any

import click

from ..sources import inngest
from .clean import clean
from .options import server_options, settings_of
from .running import run_async

__all__ = ["send"]


@click.command()
@click.argument("event")
@click.argument("data", default="{}")
@server_options
def send(
    event: str, data: str, url: str | None, *, allow_insecure: bool, ca_file: str | None
) -> None:
    """Send EVENT with DATA, a JSON object. Its id is written to standard output."""
    try:
        fields = json.loads(data)
    except ValueError as error:
        raise click.BadParameter(f"DATA is no JSON: {error}") from None
    if not isinstance(fields, dict):
        raise click.BadParameter("DATA is no JSON object")
    settings = settings_of(allow_insecure=allow_insecure, ca_file=ca_file)

    async def work() -> tuple[str, ...]:
        said: dict[str, Any] = {"name": event, "data": fields}
        return await inngest.send(said, api_base_url=url, settings=settings)

    for event_id in run_async(work()):
        click.echo(clean(event_id))
