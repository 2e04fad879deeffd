from __future__ import annotations

import asyncio

import pytest

from rx_realtime.server.outbox import Frame, Goodbye, Outbox


def outbox(*, max_messages: int = 10, max_bytes: int = 100) -> Outbox:
    return Outbox(max_messages=max_messages, max_bytes=max_bytes)


async def test_frames_come_out_in_the_order_they_went_in():
    box = outbox()
    frames = [Frame(b"1"), Frame(b"2", raw=True), Frame(b"3")]
    for frame in frames:
        box.put(frame)
    assert [await box.get() for _ in frames] == frames


async def test_who_waits_is_woken():
    box = outbox()
    waiting = asyncio.create_task(box.get())
    asyncio.get_running_loop().call_soon(box.put, Frame(b"1"))
    assert await waiting == Frame(b"1")


async def test_a_goodbye_comes_after_what_was_said_before_it():
    box = outbox()
    box.put(Frame(b"1"))
    box.finish(Goodbye(1001, "bye"))
    box.put(Frame(b"2"))
    assert await box.get() == Frame(b"1")
    assert await box.get() == Goodbye(1001, "bye")
    assert await box.get() == Goodbye(1001, "bye")


async def test_cut_off_says_nothing_more():
    box = outbox()
    box.put(Frame(b"1"))
    box.cut_off(Goodbye(None))
    assert await box.until_cut_off() == Goodbye(None)
    assert await box.get() == Goodbye(None)


async def test_the_first_goodbye_counts_but_being_cut_off_overrules_it():
    box = outbox()
    box.finish(Goodbye(1001))
    box.finish(Goodbye(1000))
    assert await box.get() == Goodbye(1001)
    box.cut_off(Goodbye(None))
    assert await box.get() == Goodbye(None)


@pytest.mark.parametrize(
    ("limits", "fits", "why"),
    [
        ({"max_messages": 2}, 2, "too slow: 3 messages, 12 bytes waiting"),
        ({"max_bytes": 11}, 2, "too slow: 3 messages, 12 bytes waiting"),
        ({"max_bytes": 12}, 3, "too slow: 4 messages, 16 bytes waiting"),
    ],
)
async def test_one_message_or_byte_too_many_cuts_off_with_1013(
    limits: dict[str, int], fits: int, why: str
):
    box = outbox(**limits)
    for _ in range(fits):
        box.put(Frame(b"four"))
    assert await box.get() == Frame(b"four")  # taking one makes room for one
    box.put(Frame(b"four"))
    assert await box.get() == Frame(b"four")
    box.put(Frame(b"four"))
    box.put(Frame(b"four"))
    assert await box.until_cut_off() == Goodbye(1013, why)


async def test_a_stalled_box_keeps_what_it_has_to_itself():
    box = outbox()
    box.put(Frame(b"1"))
    box.stall()
    await box.until_stalled()
    box.finish(Goodbye(1001))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await box.get()
    box.cut_off(Goodbye(None))
    assert await box.until_cut_off() == Goodbye(None)
