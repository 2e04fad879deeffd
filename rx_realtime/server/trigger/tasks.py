"""Tasks: coroutines that act out a run whenever it is triggered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from .runs import TaskRun, now

__all__ = ["Task", "Tasks"]

Task = Callable[[TaskRun, Any], Awaitable[Any]]
T = TypeVar("T", bound=Task)


class Tasks:
    """Which coroutine acts out which task, and the runs that go on now."""

    def __init__(self) -> None:
        self._by_name: dict[str, Task] = {}
        self._acting: set[asyncio.Task[None]] = set()

    def add(self, name: str, task: Task) -> None:
        """Let a coroutine function act out a task."""
        self._by_name[name] = task

    def start(self, run: TaskRun) -> None:
        """Act a run out, once its delay is over. One of an unknown task stays in the queue."""
        task = self._by_name.get(run.row.task_identifier)
        if task is None and run.row.delay_until is None:
            return
        run.task = asyncio.get_running_loop().create_task(self._act(run, task))
        self._acting.add(run.task)
        run.task.add_done_callback(self._acting.discard)

    async def stop(self) -> None:
        """Cancel the runs that still go on, and wait until they are."""
        for acting in self._acting:
            acting.cancel()
        await asyncio.gather(*self._acting, return_exceptions=True)

    async def _act(self, run: TaskRun, task: Task | None) -> None:
        await _until_due(run)
        if run.is_over or task is None:
            return
        await run.set_status("EXECUTING")
        try:
            output = await task(run, run.payload)
            if not run.is_over:  # or else it said itself how it ended
                await run.complete(output)
        except asyncio.CancelledError:
            if not run.is_over:
                raise
        except Exception as error:  # a user's task may raise anything: its run fails
            if not run.is_over:
                await run.fail(error)


async def _until_due(run: TaskRun) -> None:
    """Wait until the run's delay is over, which may be moved meanwhile."""
    if run.row.delay_until is None:
        return
    while not run.is_over and (left := (run.row.delay_until - now()).total_seconds()) > 0:
        run.moved.clear()
        try:
            async with asyncio.timeout(left):
                await run.moved.wait()
        except TimeoutError:
            continue
    if run.status == "DELAYED":
        await run.set_status("QUEUED")
