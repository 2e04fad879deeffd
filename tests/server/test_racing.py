from __future__ import annotations

import asyncio

import pytest

from rx_realtime.server.racing import first_of, never


async def returns(value: int) -> int:
    return value


async def raises() -> int:
    raise ValueError("mine")


async def test_the_first_to_finish_wins_and_the_others_are_gone():
    before = asyncio.all_tasks()
    assert await first_of(never(), returns(1)) == 1
    assert asyncio.all_tasks() == before


async def test_where_several_finish_at_once_the_one_that_stands_first_wins():
    assert await first_of(returns(1), returns(2)) == 1


async def test_an_error_of_the_first_is_raised():
    with pytest.raises(ValueError, match="mine"):
        await first_of(never(), raises())


async def test_being_cancelled_cancels_all():
    before = asyncio.all_tasks()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await first_of(never(), never())
    assert asyncio.all_tasks() == before
