"""A topic's type reaches the editor: the type checkers read this file, and it runs, too."""

from __future__ import annotations

import asyncio
from typing import Any, assert_type

from pydantic import BaseModel
from reactivex import Observable

import rx_realtime as rxr
from rx_realtime.server import DevServer


class Status(BaseModel):
    percent: int


class Pipeline(rxr.Channel, name="pipeline:{run_id}"):
    run_id: str
    status = rxr.Topic(Status)
    counts = rxr.Topic(dict[str, int])


def test_a_topic_knows_its_type_and_a_channel_its_fields() -> None:
    pipeline = Pipeline(run_id="1")
    assert_type(Pipeline.status, rxr.Topic[Status])
    assert_type(pipeline.status, rxr.TopicRef[Status])
    assert_type(Pipeline.counts, rxr.Topic[dict[str, int]])
    assert_type(pipeline.run_id, str)


def test_messages_of_a_topic_carry_its_type() -> None:
    rt = rxr.inngest.realtime(Pipeline(run_id="1"))
    assert_type(rt, rxr.Realtime[Any])
    assert_type(rt.on(Pipeline.status), rxr.Feed[rxr.Message[Status]])
    assert_type(rt.on("status"), rxr.Feed[rxr.Message[Any]])
    assert_type(rt.current.messages.by_topic.get(Pipeline.status), rxr.Message[Status] | None)
    assert_type(rt.connection_status, rxr.Feed[rxr.ConnectionStatus])


def test_a_result_carries_the_type_that_was_asked_for() -> None:
    rt = rxr.inngest.realtime(Pipeline(run_id="1"), result=Status)
    assert_type(rt.result, rxr.Feed[Status | None])
    assert_type(rt.current, rxr.RealtimeState[Status])


def test_the_operators_keep_types_in_a_pipe() -> None:
    rt = rxr.inngest.realtime(Pipeline(run_id="1"))
    histories = rt.on(Pipeline.counts).pipe(rxr.ops.history(10))
    assert_type(histories, Observable[rxr.History[rxr.Message[dict[str, int]]]])
    assert_type(rt.events.iterate(), rxr.Iteration[rxr.Update])


async def test_what_is_awaited_and_iterated_carries_the_type(server: DevServer) -> None:
    pipeline = Pipeline(run_id="1")
    run = server.inngest.start_run(function="f").channel(pipeline)
    rt = rxr.inngest.realtime(pipeline, result=Status, api_base_url=server.url)
    messages = rt.on(Pipeline.status).iterate()
    first = asyncio.ensure_future(anext(messages))
    await server.inngest.until_connections(1)
    await run.publish(pipeline.status, Status(percent=1))
    assert_type((await first).data, Status)
    ending = asyncio.ensure_future(rt.result)
    await run.complete({"percent": 100})
    assert_type(await ending, Status | None)
    await messages.aclose()
