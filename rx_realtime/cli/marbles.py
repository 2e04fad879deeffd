"""What a watcher sees, as a marble diagram: live, left behind as text, and as a picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import click
import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops
from rich.console import Console
from rich.live import Live
from rich.text import Text

from ..diagram import Recording, draw, svg
from ..models import ABSENT, RunChanged, RunStatus, Update
from ..models.update import (
    Chunk,
    Closed,
    Connecting,
    Draining,
    Failed,
    Gap,
    Invalid,
    Opened,
    Paused,
    Received,
)
from ..sources import Realtime
from .clean import clean, plain_data
from .coloured import coloured
from .draw import write_picture
from .heard import heard
from .show import FRAME, Show, is_live, over

__all__ = ["Strip", "recorded", "show_marbles"]

#: A picture of a session shows so many columns, the latest; long silences cost few of them.
_PICTURE: Final = 2000
#: And a text so many, where no terminal is narrower.
_PIPED: Final = 200
_GUTTER: Final = 20
_LEAST: Final = 20
_PIECE: Final = "text"


class Strip:
    """Writes down what is seen: a line for the connection, one for the run, one for each topic.

    Args:
        call: what is watched, as Python text.
        topics: those that are known before anything comes.
        tick: seconds of a column.
        now: the seconds of a clock.
    """

    def __init__(
        self,
        call: str,
        topics: Iterable[str],
        *,
        tick: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        prose = (f"A column is {tick:g} s.",)
        names = ("connection", "run", *topics)
        known = dict.fromkeys([*_CONNECTION.values(), _PIECE, *map(str, RunStatus)])
        self._recording = Recording(call, names, columns=_PICTURE, prose=prose, known=known)
        self._tick = tick
        self._clock = now
        self._began = now()
        self._status = RunStatus.UNKNOWN

    @property
    def _now(self) -> int:
        return int((self._clock() - self._began) / self._tick + 1e-6)

    def see(self, update: Update) -> None:
        """Write an update down."""
        match update:
            case Received(message):
                self._tell(message.topic, message.data)
            case Chunk(topic=topic):
                self._tell(topic, _PIECE)  # not its words: no alphabet has so many letters
            case Invalid(topic=topic):
                self._tell(topic or "connection", "invalid")
            case RunChanged(status=status, result=result) if status is not None:
                if status is not self._status:  # a run may say more of itself than that
                    self._status = status
                    self._tell("run", str(status))
                if status.is_terminal:
                    self._tell("run", result, unless=(ABSENT, None))
                    self._recording.completed(self._now, "run")
            case _ if said := _CONNECTION.get(type(update)):
                self._tell("connection", said)
            case _:
                pass

    def over(self, error: Exception | None = None) -> None:
        """Write down that nothing more will be seen."""
        if error is None:
            self._recording.completed(self._now, "connection")
        else:
            self._recording.failed(self._now, "connection", error)

    def text(self) -> str:
        """Return the drawing so far, as wide as there is space; it can be parsed."""
        wide = max(_LEAST, Console().width - _GUTTER) if is_live() else _PIPED
        drawn = draw(self._recording.sheet(self._now + 1, columns=wide), patience=wide)
        return clean(drawn, lines=True)

    def picture(self) -> str:
        """Return it as SVG."""
        return svg(self._recording.sheet(self._now + 1, is_stacked=True))

    def _tell(self, name: str, value: Any, *, unless: tuple[Any, ...] = ()) -> None:
        if not any(value is each for each in unless):
            self._recording.value(self._now, name, plain_data(value))


_CONNECTION: Final[dict[type, str]] = {
    Connecting: "connecting",
    Opened: "open",
    Closed: "closed",
    Failed: "error",
    Paused: "paused",
    Draining: "draining",
    Gap: "gap",
}


def show_marbles(strip: Strip) -> Show:
    """Draw lines that grow while it goes on; where no terminal is, draw them once, at the end."""

    async def show(rt: Realtime[Any]) -> None:
        events: Observable[Any] = heard(rt).pipe(ops.do_action(strip.see))
        if is_live():
            console = Console(highlight=False, markup=False, emoji=False)
            with Live(console=console, auto_refresh=False, transient=True) as screen:

                def look(_: object) -> None:
                    text = Text.from_ansi(coloured(strip.text()), no_wrap=True, overflow="crop")
                    screen.update(text, refresh=True)

                await over(_beside(events, FRAME).pipe(ops.do_action(look)))
        else:
            await over(events)

    return show


def _beside(events: Observable[Any], every: float) -> Observable[Any]:
    """Tell when to look: at the same pace, until the events end."""

    def beats(shared: Observable[Any]) -> Observable[Any]:
        end = shared.pipe(ops.ignore_elements())
        beat = rx.interval(every).pipe(ops.take_until(shared.pipe(ops.last_or_default())))
        return rx.merge(end, beat)

    return events.pipe(ops.publish(beats))


def recorded(show: Show, strip: Strip, *, out: Path | None, echo: bool) -> Show:
    """Leave a drawing behind when it is over, however it is over.

    Args:
        out: where the picture is to be.
        echo: whether the text is written to standard output.
    """

    async def showing(rt: Realtime[Any]) -> None:
        try:
            await show(rt)
            strip.over()
        except Exception as error:
            strip.over(error)
            raise
        finally:
            if echo:
                click.echo(coloured(strip.text()), nl=False)
            if out is not None:
                write_picture(out, strip.picture())

    return showing
