"""What costs nothing while nothing comes: timers, and memory, of many that listen."""

from __future__ import annotations

import gc
import sys
from typing import Any

from tests.virtual import Seen, World, frame

MANY = 100
#: Blocks of memory, a tenth more than what they need.
MOST = 270


def timers(world: World) -> int:
    queue: Any = world.clock._queue
    return sum(not item.is_cancelled() for item, _ in queue.items)


def idle(world: World, **options: Any) -> Seen:
    seen = world.realtime(history_limit=10, **options)
    world.socket.open()
    world.wait(11.0)  # what was only needed to connect is forgotten
    return seen


def test_no_timer_runs_for_a_buffer_in_which_nothing_is():
    world = World()
    many = [idle(world, buffer_interval=0.05) for _ in range(MANY)]
    assert timers(world) == 0
    for socket in world.sockets[: MANY // 2]:
        socket.send(frame(1), frame(2))
    assert timers(world) == MANY // 2, "one for each that something waits in"
    world.wait(0.05)
    assert timers(world) == 0
    assert sum(seen.delta == [1, 2] for seen in many) == MANY // 2
    for seen in many:
        seen.leave()


def test_an_idle_realtime_is_made_of_few_objects():
    world = World()
    first = idle(world)  # brings what all share
    gc.collect()
    before = sys.getallocatedblocks()
    many = [idle(world) for _ in range(MANY)]
    gc.collect()
    each = (sys.getallocatedblocks() - before) / MANY
    assert each < MOST
    for seen in (first, *many):
        seen.leave()
