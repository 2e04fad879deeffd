"""Following a run to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import click

from ..sources import Realtime
from .clean import clean
from .exits import Exit
from .show import Show

__all__ = ["follow", "in_time"]


async def follow(rt: Realtime[Any], show: Show, *, within: float | None = None) -> Exit:
    """Show what happens until the run is over, and say how it ended.

    Args:
        within: seconds; None waits as long as it takes.

    Raises:
        RealtimeError: what ended it otherwise.
    """

    def late() -> str:
        error = rt.current.error
        return "the run was not over" if error is None else f"the run was not over; {error}"

    if not await in_time(show(rt), within, late):
        return Exit.TIMED_OUT
    return Exit.of_run(rt.current.run_status)


async def in_time(work: Awaitable[object], within: float | None, late: Callable[[], str]) -> bool:
    """Await it so many seconds at most; say on standard error if that was not enough.

    Args:
        late: says what was not done by then, and after a semicolon why.
    """
    limit = asyncio.timeout(within)
    try:
        async with limit:
            await work
    except TimeoutError:
        if not limit.expired():
            raise
        what, semicolon, why = late().partition(";")
        click.echo(clean(f"rx-realtime: {what} within {within:g} s{semicolon}{why}"), err=True)
        return False
    return True
