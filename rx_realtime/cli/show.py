"""Showing a `Realtime`: as a live screen on a terminal, as lines anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeAlias

import click
import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import Disposable
from reactivex.scheduler import TimeoutScheduler
from rich.console import Console
from rich.live import Live

from ..models import CaughtUp, Update
from ..sources import Feed, Realtime
from .heard import heard
from .lines import json_line, line
from .render import render
from .said import say
from .seen import Seen
from .view import View

__all__ = ["See", "Show", "frames", "is_live", "over", "show_lines", "show_live", "write_lines"]

#: Shows what happens until it is over, and raises what ended it otherwise.
Show: TypeAlias = Callable[[Realtime[Any]], Awaitable[None]]

#: Is told of each update, before it is shown.
See: TypeAlias = Callable[[Update], None]

#: Seconds between two frames, however many messages come.
FRAME: Final = 0.1


def is_live() -> bool:
    """Whether standard output is a terminal that can be drawn on."""
    return sys.stdout.isatty() and not Console().is_dumb_terminal


def _ignore(_: Update) -> None:
    """See nothing."""


def write_lines(*, json: bool = False, see: See = _ignore, of: str | None = None) -> See:
    """Return what writes one line for each update, at once.

    Args:
        of: whose updates they are, where there are those of others, too.
    """
    known: CaughtUp | None = None

    def write(update: Update) -> None:
        nonlocal known
        see(update)
        said = say(update)
        if isinstance(update, CaughtUp):
            if update == known:
                return  # it comes after each change, and is news where there are more, or fewer
            known = update
        if said is not None:
            now = datetime.now().astimezone()
            click.echo(json_line(said, now, of) if json else line(said, now, of))

    return write


def show_lines(*, json: bool = False, see: See = _ignore) -> Show:
    """Write one line for each update, at once."""
    write = write_lines(json=json, see=see)

    async def show(rt: Realtime[Any]) -> None:
        await over(heard(rt).pipe(ops.do_action(write)))

    return show


def show_live(title: str, place: str, *, see: See = _ignore) -> Show:
    """Draw a screen of its own while it goes on, and leave the last one behind."""

    async def show(rt: Realtime[Any]) -> None:
        console = Console(highlight=False, markup=False, emoji=False)
        last = View(title, place, rt.current, Seen(), 0.0)

        def draw(view: View) -> None:
            nonlocal last
            last = view
            screen.update(render(view), refresh=True)

        try:
            with Live(console=console, screen=True, auto_refresh=False) as screen:
                await over(frames(rt, last, note=see).pipe(ops.do_action(draw)))
        finally:
            console.print(render(last.ended(rt.current)))

    return show


def frames(
    rt: Realtime[Any], first: View, every: float = FRAME, *, note: See = _ignore
) -> Observable[View]:
    """Look at what has been seen, at the same pace however much it is; once more at the end."""

    def observed(scheduler: abc.SchedulerBase | None) -> Observable[View]:
        clock = scheduler or TimeoutScheduler.singleton()
        began = clock.now

        def now() -> float:
            return (clock.now - began).total_seconds()

        def look(seen: Seen) -> View:
            return replace(first, state=rt.current, seen=seen, now=now())

        def see(seen: Seen, update: Update) -> Seen:
            note(update)
            return seen.after(update, now())

        def sampled(seen: Observable[Seen]) -> Observable[View]:
            # Before the frames, so that the last look comes before an error, too.
            end: Observable[Seen] = seen.pipe(ops.catch(_completed), ops.last())
            beats: Observable[tuple[int, Seen]] = rx.interval(every).pipe(
                ops.with_latest_from(seen)
            )
            sights = rx.merge(end, beats.pipe(ops.map(_second), ops.take_until(end)))
            return sights.pipe(ops.map(look))

        passing = heard(rt).pipe(ops.scan(see, first.seen), ops.start_with(first.seen))
        return passing.pipe(ops.publish(sampled))

    return rx.defer(observed)


def _completed(_: Exception, source: Observable[Seen]) -> Observable[Seen]:
    """Complete at once: `rx.empty` would leave that to a scheduler, which is too late."""

    def subscribe(
        observer: abc.ObserverBase[Seen], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        observer.on_completed()
        return Disposable()

    return rx.create(subscribe)


def _second(pair: tuple[object, Seen]) -> Seen:
    return pair[1]


async def over(shown: Observable[Any]) -> None:
    """Wait for its end."""
    await Feed(shown.pipe(ops.last_or_default()))
