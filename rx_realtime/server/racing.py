"""Several things may end a connection; the first one does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import NoReturn, TypeVar

__all__ = ["first_of", "never"]

T = TypeVar("T")


async def first_of(*contenders: Awaitable[T]) -> T:
    """Return what the first to finish returns; the others are cancelled and waited for.

    Where several are done at once, the one that stands first wins.
    """
    tasks = [asyncio.ensure_future(contender) for contender in contenders]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task.done()).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def never() -> NoReturn:
    """Wait until cancelled."""
    await asyncio.get_running_loop().create_future()
    raise AssertionError("nobody else holds this future")
