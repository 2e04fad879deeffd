"""Following a run to its end."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from ..sources import Realtime
from .clean import clean
from .exits import Exit
from .show import Show

__all__ = ["follow"]


async def follow(rt: Realtime[Any], show: Show, *, within: float | None = None) -> Exit:
    """Show what happens until the run is over, and say how it ended.

    Args:
        within: seconds; None waits as long as it takes.

    Raises:
        RealtimeError: what ended it otherwise.
    """
    limit = asyncio.timeout(within)
    try:
        async with limit:
            await show(rt)
    except TimeoutError:
        if not limit.expired():
            raise
        error = rt.current.error
        why = "" if error is None else f"; {error}"
        click.echo(clean(f"rx-realtime: the run was not over within {within:g} s{why}"), err=True)
        return Exit.TIMED_OUT
    return Exit.of_run(rt.current.run_status)
