"""How a command runs: in an event loop, until it is done or somebody stops it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

__all__ = ["Terminated", "run_async", "stop_signals"]

T = TypeVar("T")


class Terminated(BaseException):
    """The process was asked to end."""


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; leave cleanly on Ctrl-C and when terminated.

    Raises:
        KeyboardInterrupt: on Ctrl-C, after everything was left.
        Terminated: on SIGTERM, likewise.
    """

    async def main() -> T:
        task = asyncio.current_task()
        assert task is not None
        ended = False

        def end() -> None:
            nonlocal ended
            ended = True
            task.cancel()

        with _on(signal.SIGTERM, end):
            try:
                return await work
            except asyncio.CancelledError:
                if ended:
                    raise Terminated from None
                raise

    return asyncio.run(main())


@contextlib.contextmanager
def stop_signals() -> Generator[asyncio.Event]:
    """Give an event that Ctrl-C sets; a second Ctrl-C interrupts as ever."""
    asked = asyncio.Event()
    with _on(signal.SIGINT, asked.set, once=True), _on(signal.SIGTERM, asked.set):
        yield asked


@contextlib.contextmanager
def _on(
    number: signal.Signals, act: Callable[[], object], *, once: bool = False
) -> Generator[None]:
    loop = asyncio.get_running_loop()
    before = signal.getsignal(number)

    def handle() -> None:
        if once:
            restore()
        act()

    def restore() -> None:
        if loop.remove_signal_handler(number) and before is not None:
            signal.signal(number, before)

    try:
        loop.add_signal_handler(number, handle)
    except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
        yield
        return
    try:
        yield
    finally:
        restore()
