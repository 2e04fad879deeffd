from __future__ import annotations

import asyncio

import pytest

from rx_realtime.server.inngest.hub import Hub, Subscriber
from rx_realtime.server.outbox import Frame, Outbox

ONE, TWO = ("env", "channel", "one"), ("env", "channel", "two")
OTHER = ("env", "other", "one")
FRAME = Frame(b"frame")


def subscriber() -> Subscriber:
    return Subscriber("env", Outbox(max_messages=10, max_bytes=1000), "websocket")


async def heard(who: Subscriber) -> list[bytes]:
    """Return what waits for a subscriber, and nothing that comes later."""
    who.outbox.put(Frame(b"the end"))
    said = list[bytes]()
    while (frame := await who.outbox.get()) != Frame(b"the end"):
        assert isinstance(frame, Frame)
        said.append(frame.data)
    return said


async def test_those_who_listen_to_a_topic_are_told():
    hub, one, both, other = Hub(), subscriber(), subscriber(), subscriber()
    hub.join(one, [ONE])
    hub.join(both, [ONE, TWO])
    hub.join(other, [OTHER])
    hub.publish(ONE, FRAME)
    hub.publish(TWO, FRAME, FRAME)
    assert [len(await heard(each)) for each in (one, both, other)] == [1, 3, 0]


async def test_those_who_listen_to_any_topic_of_a_channel_are_told_once():
    hub, both, other = Hub(), subscriber(), subscriber()
    hub.join(both, [ONE, TWO])
    hub.join(other, [OTHER])
    hub.publish_to_channel("env", "channel", FRAME)
    hub.publish_to_channel("another env", "channel", FRAME)
    assert [len(await heard(each)) for each in (both, other)] == [1, 0]


async def test_who_listens_to_nothing_of_a_channel_any_more_is_told_nothing_about_it():
    hub, one, two = Hub(), subscriber(), subscriber()
    for each in (one, two):
        hub.join(each, [ONE, TWO])
    hub.ignore(one, [ONE])
    hub.ignore(two, [ONE, TWO, ("env", "channel", "never")])
    hub.publish_to_channel("env", "channel", FRAME)
    assert [len(await heard(each)) for each in (one, two)] == [1, 0]


async def test_everyone_is_told():
    hub, one, nothing = Hub(), subscriber(), subscriber()
    hub.join(one, [ONE])
    hub.join(nothing, [])
    hub.broadcast(FRAME)
    assert [len(await heard(each)) for each in (one, nothing)] == [1, 1]


async def test_who_left_is_told_nothing_and_nothing_is_remembered():
    hub, one = Hub(), subscriber()
    hub.join(one, [ONE, TWO])
    hub.leave(one)
    hub.leave(one)
    hub.publish(ONE, FRAME)
    hub.broadcast(FRAME)
    assert await heard(one) == []
    assert (hub.subscribers, one.topics) == ((), set())
    assert (dict(hub._by_topic), dict(hub._by_channel)) == ({}, {})


async def test_topics_are_added_and_removed():
    hub, one = Hub(), subscriber()
    hub.join(one, [ONE])
    hub.listen(one, [TWO, ONE])
    hub.ignore(one, [ONE, OTHER])
    hub.publish(ONE, Frame(b"1"))
    hub.publish(TWO, Frame(b"2"))
    assert await heard(one) == [b"2"]
    assert dict(hub._by_topic).keys() == {TWO}


async def test_who_waits_for_something_is_told_when_it_is_so():
    hub, one = Hub(), subscriber()
    await hub.until(lambda: not hub.subscribers)
    waiting = asyncio.create_task(hub.until(lambda: ONE in one.topics))
    given_up = asyncio.create_task(hub.until(lambda: False))
    loop = asyncio.get_running_loop()
    loop.call_soon(hub.join, one, [])
    loop.call_soon(given_up.cancel)
    loop.call_soon(hub.listen, one, [ONE])
    await waiting
    with pytest.raises(asyncio.CancelledError):
        await given_up
    hub.leave(one)
    assert hub._waiting == []
