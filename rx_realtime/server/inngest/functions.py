"""Functions: coroutines that act out a run whenever their event comes in."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from ...wire.inngest.answers import RunState
from .runs import ActedRun
from .store import Runs

__all__ = ["Event", "Functions"]


_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as an application sent it."""

    id: str
    name: str
    data: Any = None


Function = Callable[[ActedRun, Event], Awaitable[Any]]
F = TypeVar("F", bound=Function)


class Functions:
    """Which functions wait for which event, and their runs that go on now."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._waiting: defaultdict[str, list[tuple[str, Function]]] = defaultdict(list)
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, event: str, name: str, function: Function) -> None:
        """Let a function wait for an event."""
        self._waiting[event].append((name, function))

    def start(self, event: Event) -> None:
        """Start a run of each function that waits for the event."""
        for name, function in self._waiting.get(event.name, ()):
            run = self._runs.create(name, event_id=event.id)
            run.task = asyncio.get_running_loop().create_task(self._act(run, event, function))
            self._tasks.add(run.task)
            run.task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Cancel the runs that still go on, and wait until they are."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _act(self, run: ActedRun, event: Event, function: Function) -> None:
        run.start()
        try:
            result = await function(run, event)
            if not run.state.is_terminal:  # or else it said itself how it ended
                await run.complete(result)
        except asyncio.CancelledError:
            if run.state is RunState.CANCELLED:
                return
            raise
        except Exception as error:  # a user's function may raise anything: its run fails
            _logger.warning("run %s of %r failed", run.id, run.function, exc_info=error)
            if not run.state.is_terminal:
                await run.fail(error)
