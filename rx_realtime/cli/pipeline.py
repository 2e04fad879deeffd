"""The run of the demo: a recorded talk is transcribed, summed up and published.

No talk is recorded and no model is asked. What it says is what this library is about.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

from ..models import Channel, Topic

if TYPE_CHECKING:
    from ..server import ActedRun

__all__ = ["Artifact", "Published", "Status", "Talk", "publish_talk"]


class Status(BaseModel):
    """What the run is doing, and how far it is."""

    message: str
    percent: int


class Artifact(BaseModel):
    """Something that the run has made."""

    name: str
    detail: str


class Published(BaseModel):
    """What the run returns."""

    title: str
    length: str
    words: int
    subtitles: int
    summary: str


class Talk(Channel, name="talk:{talk_id}"):
    """A talk on its way to its audience."""

    talk_id: str
    status = Topic(Status)
    artifacts = Topic(Artifact)
    summary = Topic(str)


SUMMARY: Final = """\
The talk begins with a plain idea: a list is values in space, a stream is values in time. Whatever \
works on the one works on the other. Filter it, map it, fold it into a state.

A long run is such a stream. It says where it stands, it writes while it thinks, and at some point \
it ends. Between it and the screen lies a network, and networks break. So a connection is treated \
as one more value that changes: connecting, open, closed, open again. What was received stays.

The last part is practical: one retry loop, waits that grow, and clocks that tests can turn."""

_TITLE: Final = "Values in time"
_RESULT: Final = Published(
    title=_TITLE,
    length="41:07",
    words=5318,
    subtitles=412,
    summary=f"{len(SUMMARY.split())} words",
)
#: Seconds for which the finished screen stays.
_LAST_LOOK: Final = 0.5
#: Seconds between two messages, one after the other: work has a rhythm.
_RHYTHM: Final = (0.03, 0.06, 0.02, 0.08, 0.09, 0.03, 0.04, 0.07, 0.02, 0.05)


async def publish_talk(
    run: ActedRun,
    talk: Talk,
    *,
    pace: float = 1.0,
    midway: Callable[[], Awaitable[None]] | None = None,
) -> Published:
    """Act the run out, in about six seconds.

    Args:
        pace: how many times faster than that.
        midway: awaited once half of it is done, between two messages.
    """
    rhythm = itertools.cycle(_RHYTHM)

    async def pause(factor: float = 1.0) -> None:
        await asyncio.sleep(factor * next(rhythm) / pace)

    async def work(message: str, start: int, stop: int, made: Artifact | None = None) -> None:
        for percent in range(start, stop, 2):
            await run.publish(talk.status, Status(message=message, percent=percent))
            await pause()
        if made is not None:
            await run.publish(talk.artifacts, made)

    async def written() -> AsyncIterator[str]:
        words = SUMMARY.split(" ")
        for number, word in enumerate(words, 1):
            yield word if number == len(words) else f"{word} "
            if number % 4 == 0:
                percent = 56 + 30 * number // len(words)
                status = Status(message="Writing the summary", percent=percent)
                await run.publish(talk.status, status)
            await pause(0.5)

    await work("Receiving the recording", 0, 14, Artifact(name="talk.mp4", detail="1.4 GB"))
    await work("Extracting the sound", 14, 26, Artifact(name="talk.flac", detail="212 MB"))
    await work(
        "Transcribing the speech",
        26,
        52,
        Artifact(name="talk.txt", detail=f"{_RESULT.words} words"),
    )
    if midway is not None:
        await midway()
    await work("Writing the summary", 52, 56)
    await run.stream(talk.summary, written())
    await run.publish(talk.artifacts, Artifact(name="summary.md", detail=_RESULT.summary))
    await work(
        "Timing the subtitles",
        86,
        100,
        Artifact(name="talk.vtt", detail=f"{_RESULT.subtitles} lines"),
    )
    await run.publish(talk.status, Status(message=f"“{_TITLE}” is published", percent=100))
    await asyncio.sleep(_LAST_LOOK / pace)
    return _RESULT
