"""The blocking forms: for scripts, notebooks, and threads."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops
from reactivex.disposable import Disposable

import rx_realtime as rxr
from rx_realtime.errors import Overflowed, Unfinished
from rx_realtime.server import DevServer
from rx_realtime.sources.feed import Feed
from rx_realtime.transports import background_loop, from_task


class Left:
    """A source that never ends, and that says when it was left."""

    def __init__(self, *values: int) -> None:
        self.came, self.left = threading.Event(), threading.Event()
        self._values = values

    @property
    def feed(self) -> Feed[int]:
        def subscribe(observer: Any, _: Any = None) -> Any:
            for value in self._values:
                observer.on_next(value)
            self.came.set()
            return Disposable(self.left.set)

        return Feed(rx.create(subscribe))


def test_run_blocks_until_the_last_value():
    assert Feed(rx.of(1, 2, 3)).run() == 3
    assert Feed(rx.timer(0.01)).run(timeout=5) == 0


def test_run_raises_its_error():
    with pytest.raises(ValueError, match="no"):
        Feed(rx.throw(ValueError("no"))).run()
    with pytest.raises(Unfinished):
        Feed(rx.empty()).run()


def test_run_raises_a_timeout_error_that_is_the_sources_own():
    with pytest.raises(TimeoutError, match="mine"):
        Feed(rx.throw(TimeoutError("mine"))).run(timeout=5)


def test_run_gives_up_when_its_time_is_over_and_leaves():
    source = Left()
    with pytest.raises(Unfinished, match=r"no value within 0.01 s"):
        source.feed.run(timeout=0.01)
    assert source.left.wait(5)


def test_ctrl_c_ends_run_and_leaves_nothing():
    """Fault 50."""
    source = Left()

    def interrupt() -> None:
        source.came.wait(5)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        source.feed.run(timeout=10)
    thread.join()
    assert source.left.wait(5)


def test_many_threads_run_at_once():
    with ThreadPoolExecutor(16) as pool:
        results = pool.map(lambda number: Feed(rx.timer(0.01)).run(timeout=5) + number, range(64))
        assert list(results) == list(range(64))
    assert [each.name for each in threading.enumerate()].count("rx_realtime") == 1


def test_a_thread_beside_a_running_loop_may_block():
    async def main() -> int:
        return await asyncio.to_thread(Feed(rx.timer(0.01)).run)

    assert asyncio.run(main()) == 0


def test_blocking_iterates_to_the_end():
    assert list(Feed(rx.of(1, 2, 3)).blocking()) == [1, 2, 3]
    assert list(Feed(rx.of(None, None)).blocking()) == [None, None]


def test_blocking_raises_the_error_after_the_values():
    iterator = Feed(rx.concat(rx.of(1), rx.throw(ValueError("no")))).blocking()
    assert next(iterator) == 1
    with pytest.raises(ValueError, match="no"):
        next(iterator)


def test_breaking_out_of_blocking_leaves():
    source = Left(1, 2)
    for value in source.feed.blocking():
        assert value == 1
        break
    gc.collect()
    assert source.left.wait(5)


def test_closing_blocking_leaves():
    source = Left(1)
    iterator = source.feed.blocking()
    next(iterator)
    iterator.close()  # type: ignore[attr-defined]
    assert source.left.wait(5)


def test_blocking_has_the_policies_of_an_iteration():
    with pytest.raises(Overflowed):
        list(Feed(rx.range(100)).blocking(buffer=10, overflow="error"))
    assert list(Feed(rx.range(100)).blocking(buffer=2))[-2:] == [98, 99]


def test_a_script_without_a_loop_follows_a_run_to_its_result():
    with DevServer() as server:
        run = server.call(server.inngest.start_run, "demo", channel="c")
        rt = rxr.inngest.realtime("c", ["t"], api_base_url=server.url)
        seen = list[Any]()

        def act() -> None:
            server.call(server.inngest.until_connections, 1)
            server.call(run.publish, "t", "hello")
            server.call(run.complete, 42)

        thread = threading.Thread(target=act)
        thread.start()
        for message in rt.on("t").blocking():
            seen.append(message.data)
        thread.join()
        assert seen == ["hello"]
        assert rt.result.run(timeout=5) == 42
        server.call(server.inngest.until_connections, 0)


def test_an_option_that_changes_in_another_thread_changes_the_connection():
    """Fault 52."""
    enabled = rx.subject.BehaviorSubject(True)
    with DevServer() as server:
        rt = rxr.inngest.realtime("c", ["t"], enabled=enabled, api_base_url=server.url)
        with rt:
            for expected in (True, False, True, False):
                enabled.on_next(expected)
                server.call(server.inngest.until_connections, int(expected))
        server.call(server.inngest.until_connections, 0)


def test_two_loops_one_after_the_other_may_use_the_same_realtime():
    """Fault 52."""
    with DevServer() as server:
        rt = rxr.inngest.realtime("c", ["t"], api_base_url=server.url)

        async def listen(*, leave: bool) -> None:
            subscription = rt.connection_status.subscribe()
            async for status in rt.connection_status:
                if status == "open":
                    break
            if leave:
                subscription.dispose()

        for leave in (True, False, False, True):
            asyncio.run(listen(leave=leave))
        server.call(server.inngest.until_connections, 0)


def test_two_loops_at_once_share_one_connection():
    """Fault 52."""
    with DevServer() as server:
        rt = rxr.inngest.realtime("c", ["t"], api_base_url=server.url)
        both = threading.Barrier(3)

        async def listen() -> Any:
            messages = aiter(rt.on("t"))
            waiting = asyncio.ensure_future(anext(messages))
            await asyncio.sleep(0)  # it has asked to join
            await asyncio.to_thread(both.wait, 5)
            return (await waiting).data

        with rt, ThreadPoolExecutor(2) as pool:
            server.call(server.inngest.until_connections, 1)
            listeners = [pool.submit(asyncio.run, listen()) for _ in range(2)]
            both.wait(5)
            # Joining a connection takes a turn of the loop that carries it: this is the next one.
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), background_loop()).result()
            run = server.call(server.inngest.start_run, "demo", channel="c")
            server.call(run.publish, "t", 7)
            assert [each.result(5) for each in listeners] == [7, 7]
        server.call(server.inngest.until_connections, 0)


def test_a_program_that_ends_says_goodbye():
    """The interpreter waits for the closing handshake of what is still open, and not longer."""
    script = """
import sys, rx_realtime as rxr
rt = rxr.inngest.realtime("c", ["t"], api_base_url=sys.argv[1])
rt.events.subscribe()
for status in rt.connection_status.blocking():
    if status == "open":
        break
"""
    with DevServer() as server:
        began = time.monotonic()
        ended = subprocess.run(
            [sys.executable, "-Wd", "-c", script, server.url],
            check=True, capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        assert (ended.stdout, ended.stderr) == ("", "")
        assert time.monotonic() - began < 10
        server.call(server.inngest.until_connections, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_has_a_background_loop_of_its_own():
    """Fault 52."""
    script = """
import os, warnings, reactivex as rx
from rx_realtime.sources.feed import Feed
warnings.simplefilter("ignore")
assert Feed(rx.timer(0.01)).run(timeout=5) == 0
child = os.fork()
if child == 0:
    os._exit(Feed(rx.timer(0.01)).run(timeout=5) + 7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=20
    )
    assert ended.stdout == "7\n"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_program_that_exits_inside_a_callback_does_not_hang():
    def leave(_: object) -> None:
        raise SystemExit

    background_loop()
    [old] = (thread for thread in threading.enumerate() if thread.name == "rx_realtime")
    Feed(rx.timer(0.001).pipe(ops.do_action(leave))).subscribe()
    old.join(5)
    assert not old.is_alive()
    assert Feed(rx.of(1)).run(timeout=5) == 1


def test_a_source_of_another_room_blocks_too():
    async def run(deliver: Callable[[int], None]) -> None:
        deliver(7)

    source: Observable[int] = from_task(run)
    assert Feed(source).run(timeout=5) == 7
