"""`async for` over an observable: nothing is lost without being counted, nothing stays behind."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest
import reactivex as rx
from reactivex import Observable, Subject, abc
from reactivex.disposable import Disposable

from rx_realtime.errors import OptionError, Overflowed
from rx_realtime.sources.iteration import Iteration, Overflow


class Source:
    """An observable whose subscriptions are counted."""

    def __init__(self) -> None:
        self.values: Subject[int] = Subject()
        self.came = self.left = 0

    def subscribe(
        self, observer: abc.ObserverBase[int], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        self.came += 1
        inner = self.values.subscribe(observer, scheduler=scheduler)

        def leave() -> None:
            self.left += 1
            inner.dispose()

        return Disposable(leave)

    @property
    def observable(self) -> Observable[int]:
        return rx.create(self.subscribe)

    def send(self, *values: int) -> None:
        for value in values:
            self.values.on_next(value)


async def begin(iteration: Iteration[Any]) -> asyncio.Task[Any]:
    """Ask for the first value, which subscribes."""
    task = asyncio.ensure_future(anext(iteration))
    await asyncio.sleep(0)
    return task


async def rest(iteration: Iteration[Any]) -> list[Any]:
    return [value async for value in iteration]


async def test_every_value_comes_in_order_and_then_the_end():
    assert await rest(Iteration(rx.of(1, 2, 3))) == [1, 2, 3]


async def test_nothing_is_subscribed_before_the_first_value_is_asked_for():
    source = Source()
    iteration = Iteration(source.observable)
    assert source.came == 0
    first = await begin(iteration)
    assert source.came == 1
    source.send(7)
    assert await first == 7
    await iteration.aclose()


@pytest.mark.parametrize(
    ("overflow", "kept", "dropped"),
    [("drop_oldest", [3, 4, 5], 2), ("drop_newest", [1, 2, 3], 2), ("latest", [4, 5], 3)],
)
async def test_what_finds_the_buffer_full(overflow: Overflow, kept: list[int], dropped: int):
    source = Source()
    iteration = Iteration(source.observable, buffer=3, overflow=overflow)
    first = await begin(iteration)
    source.send(0)
    assert await first == 0
    source.send(1, 2, 3, 4, 5)
    source.values.on_completed()
    assert await rest(iteration) == kept
    assert iteration.dropped == dropped


async def test_an_iteration_may_fail_instead_and_leaves_its_source():
    source = Source()
    iteration = Iteration(source.observable, buffer=2, overflow="error")
    first = await begin(iteration)
    source.send(0)
    await first
    source.send(1, 2)
    assert source.left == 0
    source.send(3)
    assert source.left == 1
    source.send(4)
    assert [await anext(iteration), await anext(iteration)] == [1, 2]
    with pytest.raises(Overflowed) as overflowed:
        await anext(iteration)
    assert overflowed.value.buffer == 2
    assert iteration.dropped == 1


async def test_a_source_that_overflows_the_buffer_while_it_is_subscribed_is_left():
    iteration = Iteration(rx.of(*range(10)), buffer=3, overflow="error")
    assert [await anext(iteration) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Overflowed):
        await anext(iteration)


@pytest.mark.parametrize("options", [{"buffer": 0}, {"buffer": -1}, {"overflow": "newest"}])
def test_what_is_no_buffer_or_policy_is_refused(options: dict[str, Any]):
    with pytest.raises(OptionError):
        Iteration(rx.never(), **options)


async def test_an_error_comes_after_the_values_before_it_and_comes_again():
    source = Source()
    iteration = Iteration(source.observable)
    first = await begin(iteration)
    source.send(1, 2)
    source.values.on_error(ValueError("broken"))
    assert [await first, await anext(iteration)] == [1, 2]
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            await anext(iteration)


async def test_after_the_end_there_is_nothing_however_often_one_asks():
    iteration = Iteration(rx.of(1))
    assert await rest(iteration) == [1]
    for _ in range(2):
        with pytest.raises(StopAsyncIteration):
            await anext(iteration)


async def test_who_is_only_waited_for_is_not_forgotten():
    source = Source()
    asking = asyncio.ensure_future(anext(Iteration(source.observable)))
    await asyncio.sleep(0)
    gc.collect()
    source.send(1)
    assert await asking == 1


async def test_breaking_out_of_the_loop_leaves_at_once():
    source = Source()
    asyncio.get_running_loop().call_soon(source.send, 1)
    async for value in Iteration(source.observable):
        assert value == 1
        break
    assert (source.came, source.left) == (1, 1)


async def test_an_exception_in_the_loop_leaves():
    source = Source()
    asyncio.get_running_loop().call_soon(source.send, 1)

    async def fail() -> None:
        async for _ in Iteration(source.observable):
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        await fail()
    gc.collect()
    assert source.left == 1


@pytest.mark.parametrize("how", ["aclose", "dispose", "with"])
async def test_leaving_ends_the_iteration_for_a_reader_who_waits(how: str):
    source = Source()
    iteration = Iteration(source.observable)
    reader = asyncio.create_task(rest(iteration))
    await asyncio.sleep(0)
    match how:
        case "aclose":
            await iteration.aclose()
        case "dispose":
            iteration.dispose()
        case _:
            async with iteration:
                pass
    assert await reader == []
    assert source.left == 1


async def test_leaving_forgets_what_waits():
    source = Source()
    iteration = Iteration(source.observable)
    first = await begin(iteration)
    source.send(1, 2, 3)
    await first
    await iteration.aclose()
    source.send(4)
    assert await rest(iteration) == []


async def test_closing_what_has_not_begun_begins_nothing():
    source = Source()
    iteration = Iteration(source.observable)
    await iteration.aclose()
    assert await rest(iteration) == []


async def test_a_cancelled_reader_loses_nothing():
    source = Source()
    iteration = Iteration(source.observable)
    reader = await begin(iteration)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    source.send(1)
    assert await anext(iteration) == 1
    reader = await begin(iteration)
    source.send(2)  # delivered and cancelled in the same moment
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert await anext(iteration) == 2
    await iteration.aclose()


async def test_several_readers_share_the_values():
    source = Source()
    iteration = Iteration(source.observable)
    readers = [asyncio.create_task(rest(iteration)) for _ in range(3)]
    await asyncio.sleep(0)
    for value in range(6):
        source.send(value)
        await asyncio.sleep(0)
    source.values.on_completed()
    assert sorted(chain.from_iterable(await asyncio.gather(*readers))) == list(range(6))
    assert source.came == 1


async def test_values_may_come_from_any_thread():
    source = Source()
    iteration = Iteration(source.observable, buffer=10_000)
    reader = await begin(iteration)

    def send() -> None:
        source.send(*range(5000))
        source.values.on_completed()

    thread = threading.Thread(target=send)
    thread.start()
    assert [await reader, *await rest(iteration)] == list(range(5000))
    thread.join()


async def test_a_reader_and_a_sender_in_two_threads_agree_on_what_was_dropped():
    source = Source()
    iteration = Iteration(source.observable, buffer=1)
    reader = await begin(iteration)

    def send() -> None:
        source.send(*range(5000))
        source.values.on_completed()

    thread = threading.Thread(target=send)
    thread.start()
    got = [await reader, *await rest(iteration)]
    thread.join()
    assert got == sorted(got)
    assert got[-1] == 4999
    assert len(got) + iteration.dropped == 5000


def test_another_loop_cannot_go_on_reading():
    iteration = Iteration(rx.concat(rx.of(1), rx.never()))

    async def read() -> int:
        return await anext(iteration)

    assert asyncio.run(read()) == 1
    with pytest.raises(OptionError, match="event loop where it began"):
        asyncio.run(read())


def test_whoever_is_forgotten_with_its_loop_is_left_in_silence():
    source = Source()

    async def main() -> None:
        source_ = Iteration(source.observable)
        reader = await begin(source_)
        source.send(1)
        await reader
        kept.append(source_)

    kept: list[Any] = []
    asyncio.run(main())
    source.send(2, 3)
    kept.clear()
    gc.collect()


@pytest.mark.parametrize("leave", [lambda iteration: iteration.dispose(), lambda _: None])
async def test_another_thread_may_leave_or_forget(leave: Callable[[Any], None]):
    source = Source()
    iterations = [Iteration(source.observable)]
    first = await begin(iterations[0])
    source.send(1)
    await first
    del first

    def forget() -> None:
        leave(iterations.pop())

    await asyncio.get_running_loop().run_in_executor(None, forget)
    await asyncio.sleep(0)
    assert source.left == 1


async def test_of_each_key_only_the_latest_waits_however_small_the_buffer():
    source: Subject[tuple[str, int]] = Subject()
    iteration = Iteration(source, buffer=1, overflow=lambda pair: pair[0])
    reading = asyncio.ensure_future(anext(iteration))
    await asyncio.sleep(0)
    source.on_next(("a", 0))
    assert await reading == ("a", 0)
    for number in range(1, 4):
        source.on_next(("a", number))
        source.on_next(("b", number))
    source.on_completed()
    assert [pair async for pair in iteration] == [("a", 3), ("b", 3)]
    assert iteration.dropped == 4
