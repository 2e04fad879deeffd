"""Runs that are acted out: no engine executes them, a program says what happens in them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterable, Iterable
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from ...errors import LocalError, OptionError, PayloadError
from ...models import Channel, Topic, TopicRef, channel_name, topic_name
from ...wire.inngest.answers import RunRow, RunState, failure
from ...wire.inngest.api import MAX_PAYLOAD
from .publisher import Publisher, as_json
from .tokens import new_ulid

__all__ = ["ActedRun"]

T = TypeVar("T")


class ActedRun:
    """A run that does what you say.

    Whatever it does is seen over REST, and by those who listen on its channels: the ones it was
    given, the ones it publishes on, and the channel named as its id.

    Every verb is awaited, so that subscribers get their turn before the run goes on: a run that
    never paused would fill their queues and have them dropped.
    """

    def __init__(
        self, publisher: Publisher, *, function: str, event_id: str, emits: bool, state: RunState
    ) -> None:
        self.id = new_ulid()
        self.function = function
        self.event_id = event_id
        self.state = state
        self.started_at = datetime.now(UTC)
        self.ended_at: datetime | None = None
        self.output: Any = None
        self.task: asyncio.Task[None] | None = None
        self._publisher = publisher
        self._emits = emits
        self._channels: dict[str, None] = {self.id: None}
        self._said: dict[str, Any] = {}
        self._ended = asyncio.Event()

    @property
    def row(self) -> RunRow:
        """The run as the REST API shows it."""
        return RunRow(
            run_id=self.id,
            function=self.function,
            event_id=self.event_id,
            state=self.state,
            started_at=self.started_at,
            ended_at=self.ended_at,
            output=self.output,
        )

    def channel(self, channel: Channel | str) -> Self:
        """Say on this channel how the run stands, now and from now on."""
        name = channel_name(channel)
        if name not in self._channels:
            self._channels[name] = None
            self._tell("run", self._said, [name])
        return self

    def start(self) -> None:
        """Run. A run that `start_run` returned does so already."""
        self._become(RunState.RUNNING, {"status": "running"})

    async def publish(
        self,
        topic: TopicRef[T] | Topic[T] | str,
        data: T,
        *,
        channel: Channel | str | None = None,
        metadata: Any = None,
    ) -> None:
        """Publish one message.

        Args:
            topic: where to: a topic of a channel (`pipeline.status`), or a topic or its name on
                the first channel that the run was given.
            data: fits the topic's model, or is anything that JSON can say.

        Raises:
            PayloadError: if it does not fit, or is larger than the server takes.
        """
        where, name = self._place(topic, channel)
        model = topic.topic if isinstance(topic, TopicRef) else topic
        body = as_json(data) if isinstance(model, str) else model.encode(data)
        if len(body) > MAX_PAYLOAD:
            raise PayloadError(f"{len(body)} bytes are over the limit of {MAX_PAYLOAD}")
        self._publisher.say(where, name, body, run_id=self.id, metadata=_plain(metadata))
        await asyncio.sleep(0)

    async def stream(
        self,
        topic: TopicRef[Any] | Topic[Any] | str,
        text: str | Iterable[str] | AsyncIterable[str],
        *,
        channel: Channel | str | None = None,
        metadata: Any = None,
    ) -> None:
        """Publish a text stream, piece by piece as the text comes."""
        where, name = self._place(topic, channel)
        stream = self._publisher.stream(where, name, run_id=self.id, metadata=_plain(metadata))
        try:
            if isinstance(text, AsyncIterable):
                async for piece in text:
                    stream.write(piece.encode())
            else:
                for piece in [text] if isinstance(text, str) else text:
                    stream.write(piece.encode())
                    await asyncio.sleep(0)
        finally:
            stream.close()

    async def step(self, name: str, output: Any = None, *, status: str = "completed") -> None:
        """Say something about a step of the run."""
        self._tell("step", {"name": name, "status": status, "output": output}, self._channels)
        await asyncio.sleep(0)

    async def complete(self, result: Any = None) -> None:
        """End with a result.

        Raises:
            PayloadError: if JSON cannot say it; then the run goes on.
        """
        self._end(RunState.COMPLETED, result, {"status": "completed", "result": result})
        await asyncio.sleep(0)

    async def fail(self, error: BaseException | str) -> None:
        """End with an error."""
        said = failure(Exception(error) if isinstance(error, str) else error)
        self._end(RunState.FAILED, said, {"status": "failed", "error": said})
        await asyncio.sleep(0)

    async def cancel(self) -> None:
        """End without either; the function that acts the run out is cancelled."""
        self._end(RunState.CANCELLED, {}, {"status": "cancelled"})
        if self.task is not None and self.task is not asyncio.current_task():
            self.task.cancel()
        await asyncio.sleep(0)

    async def until_ended(self) -> None:
        """Wait until the run is over."""
        await self._ended.wait()

    def _end(self, state: RunState, output: Any, said: dict[str, Any]) -> None:
        as_json(said)  # what cannot be said must not end the run
        self._become(state, said)
        self.output = output
        self.ended_at = datetime.now(UTC)
        self._ended.set()

    def _become(self, state: RunState, said: dict[str, Any]) -> None:
        if self.state.is_terminal:
            raise LocalError(f"run {self.id} is over: it is {self.state.value}")
        self.state = state
        self._said = said
        self._tell("run", said, self._channels)

    def _tell(self, kind: str, data: dict[str, Any], channels: Iterable[str]) -> None:
        if self._emits and data:
            for name in tuple(channels):
                self._publisher.tell(kind, name, data, run_id=self.id, function=self.function)

    def _place(
        self, topic: TopicRef[Any] | Topic[Any] | str, channel: Channel | str | None
    ) -> tuple[str, str]:
        if isinstance(topic, TopicRef):
            channel, topic = topic.channel, topic.topic
        if channel is None:
            # The first is the one named as the run's id, which nobody publishes on by default.
            channel = next((name for name in self._channels if name != self.id), None)
        if channel is None:
            raise OptionError("the run has no channel: give it one with run.channel(…)")
        self.channel(channel)
        return channel_name(channel), topic_name(topic)


def _plain(metadata: Any) -> Any:
    """Return what JSON makes of it: models become objects."""
    return None if metadata is None else json.loads(as_json(metadata))
