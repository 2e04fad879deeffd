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


async def test_frames_are_taken_until_they_have_the_size_that_was_asked_for():
    box = outbox()
    for data in (b"", b"four", b"more", b"last"):
        box.put(Frame(data))
    assert box.take(0) == []
    assert box.take(5) == [Frame(b""), Frame(b"four"), Frame(b"more")]
    assert box.take(100) == [Frame(b"last")]
    assert box.take(100) == []


async def test_who_watches_is_told_of_each_change_and_looks_when_there_is_time():
    box, told = outbox(), list[str]()

    def watch(what: str) -> None:
        box.watch(lambda: told.append(what))

    watch("put")
    box.put(Frame(b"1"))
    watch("finish")
    box.finish(Goodbye(1001))
    assert box.parting is None, "there is something to say before it"
    assert box.take(100) == [Frame(b"1")]
    assert box.parting == Goodbye(1001)
    watch("stall")
    box.stall()
    assert box.parting is None, "a dead line says no goodbye"
    watch("cut_off")
    box.cut_off(Goodbye(None))
    assert box.parting == Goodbye(None)
    assert told == ["put", "finish", "stall", "cut_off"]


async def test_a_frame_is_made_once_however_many_get_it():
    frame = Frame("äöü".encode() * 50)
    assert frame.on_websocket == b"\x81\x7e" + (300).to_bytes(2, "big") + frame.data
    assert frame.on_websocket is frame.on_websocket


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
    assert box.is_stalled
    assert box.take(100) == []
    box.finish(Goodbye(1001))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await box.get()
    box.cut_off(Goodbye(None))
    assert await box.until_cut_off() == Goodbye(None)
